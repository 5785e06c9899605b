// Accent phrases that are seen and changed: by dragging, and by keys.

import { devoiced, hertz, length, voiced } from "./phrases.js";

const HEIGHT = 120; // of the curve, in pixels
const PER_SECOND = 360; // pixels
const NARROWEST = 24;
const SEMITONE = Math.log(2) / 12;
const ROOM = 3 * SEMITONE; // above the highest mora, and below the lowest

export function made(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

function svg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// `say` gives texts; `told` has what is to be done: changed(), accent(phrase), own(phrase, mora), chosen(mora), play().
export class Editor {
  constructor(root, say, told) {
    Object.assign(this, { root, say, told, phrases: [], parts: [], frame: 0.01 });
  }

  // Show phrases, whose frames last so many seconds.
  show(phrases, frame) {
    Object.assign(this, { phrases, frame });
    this.scale();
    this.parts = phrases.map((phrase, number) => this.phrase(phrase, number));
    this.root.replaceChildren(...this.parts.map((part) => part.box));
    this.first()?.setAttribute("tabindex", "0");
    this.draw();
  }

  // Which pitches the height shows.
  scale() {
    const pitches = this.phrases.flatMap((phrase) => phrase.moras.filter(voiced).map((mora) => mora.pitch));
    const known = pitches.filter((pitch) => pitch > 0);
    this.low = (known.length ? Math.min(...known) : 5) - ROOM;
    this.high = (known.length ? Math.max(...known) : 5) + ROOM;
  }

  first() {
    return this.parts[0]?.moras[0].pitch;
  }

  phrase(phrase, number) {
    const curve = svg("svg", { class: "curve", "aria-hidden": "true", height: HEIGHT });
    const line = svg("polyline", {});
    curve.append(line);
    const moras = phrase.moras.map((mora) => this.mora(phrase, number, mora));
    const pause = phrase.pause_mora ? this.pause(phrase.pause_mora) : null;
    const accent = made("div", { class: "accent", role: "slider", tabindex: "0", "aria-valuemin": 1 });
    const overline = made("div", { class: "overline", "aria-hidden": "true" });
    const track = made("div", { class: "track" }, overline, accent);
    const row = made("div", { class: "moras" }, ...moras.map((part) => part.column), ...(pause ? [pause.column] : []));
    const box = made("div", { class: "phrase", role: "group" }, curve, row, track);
    const part = { box, curve, line, moras, pause, accent, overline, phrase, number };
    this.onAccent(part);
    return part;
  }

  mora(phrase, number, mora) {
    const pitch = made("div", { class: "pitch", role: "slider", tabindex: "-1", "aria-orientation": "vertical" });
    const graph = made("div", { class: "graph" }, pitch);
    const grip = made("div", { class: "grip", role: "slider", tabindex: "-1" });
    const column = made("div", { class: "mora" }, graph, made("span", { class: "kana" }, mora.text), grip);
    const part = { column, graph, pitch, grip, mora, phrase, number };
    this.onPitch(part);
    this.onLength(part);
    return part;
  }

  pause(mora) {
    const grip = made("div", { class: "grip", role: "slider", tabindex: "0" });
    const column = made("div", { class: "mora pause" }, made("div", { class: "graph" }), made("span", { class: "kana" }, mora.text), grip);
    const part = { column, grip, mora };
    this.onLength(part);
    grip.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (step) this.longer(mora, step * this.frame * (event.shiftKey ? 10 : 1)), event.preventDefault();
    });
    return part;
  }

  onPitch({ graph, pitch, mora, phrase, number }) {
    pitch.addEventListener("keydown", (event) => this.key(event, { mora, phrase, number, pitch }));
    pitch.addEventListener("focus", () => {
      for (const part of this.flat()) part.pitch.setAttribute("tabindex", part.pitch === pitch ? "0" : "-1");
      this.told.chosen(mora);
    });
    if (!voiced(mora)) return;
    this.dragged(graph, (event) => {
      const { top } = graph.getBoundingClientRect();
      const height = Math.min(Math.max((event.clientY - top) / HEIGHT, 0), 1);
      this.pitched(mora, this.high - height * (this.high - this.low));
    }, () => pitch.focus());
  }

  onLength({ grip, mora }) {
    let before = null;
    this.dragged(grip, (event) => {
      const frames = Math.round((event.clientX - before.x) / PER_SECOND / this.frame);
      mora.vowel_length = Math.max(before.vowel + frames * this.frame, mora.consonant ? 0 : this.frame);
      this.draw();
      this.told.changed();
    }, (event) => (before = { x: event.clientX, vowel: mora.vowel_length }));
  }

  onAccent(part) {
    const { accent, phrase, moras } = part;
    const set = (value) => {
      const wanted = Math.min(Math.max(value, 1), phrase.moras.length);
      if (wanted === (phrase.accent || phrase.moras.length)) return;
      phrase.accent = wanted;
      this.draw();
      this.told.accent(part.number);
    };
    accent.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -99, End: 99 }[event.key];
      if (step) set((phrase.accent || phrase.moras.length) + step), event.preventDefault();
      if (event.key === " ") this.told.play(), event.preventDefault();
    });
    let wanted = 0;
    this.dragged(accent, (event) => {
      const ends = moras.map((mora) => mora.column.getBoundingClientRect().right);
      wanted = 1 + ends.reduce((best, end, at) => (Math.abs(end - event.clientX) < Math.abs(ends[best] - event.clientX) ? at : best), 0);
      this.accented(part, wanted);
    }, () => (wanted = 0), () => wanted && set(wanted));
  }

  // Call `move` while somebody drags an element, `begin` and `end` around it.
  dragged(element, move, begin = () => {}, end = () => {}) {
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      begin(event);
      element.setPointerCapture(event.pointerId);
      const moving = (later) => move(later);
      const done = () => {
        element.removeEventListener("pointermove", moving);
        end();
      };
      element.addEventListener("pointermove", moving);
      element.addEventListener("lostpointercapture", done, { once: true });
      event.preventDefault();
    });
  }

  key(event, { mora, phrase, number, pitch }) {
    const moras = this.flat();
    const at = moras.findIndex((part) => part.pitch === pitch);
    const go = (place) => moras[Math.min(Math.max(place, 0), moras.length - 1)].pitch.focus();
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const upwards = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (sideways && event.shiftKey) this.longer(mora, sideways * this.frame);
    else if (sideways) go(at + sideways);
    else if (upwards) voiced(mora) && this.pitched(mora, mora.pitch + upwards * SEMITONE * (event.shiftKey ? 1 : 0.25));
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(moras.length - 1);
    else if (event.key === "Enter") {
      phrase.accent = phrase.moras.indexOf(mora) + 1;
      this.draw();
      this.told.accent(number);
    } else if (event.key === "Delete" || event.key === "Backspace") this.told.own(number, phrase.moras.indexOf(mora));
    else if (event.key === " ") this.told.play();
    else return;
    event.preventDefault();
  }

  flat() {
    return this.parts.flatMap((part) => part.moras);
  }

  pitched(mora, pitch) {
    mora.pitch = Math.min(Math.max(pitch, Math.log(20)), Math.log(1500));
    this.low = Math.min(this.low, mora.pitch - SEMITONE);
    this.high = Math.max(this.high, mora.pitch + SEMITONE);
    this.draw();
    this.told.changed();
  }

  longer(mora, seconds) {
    mora.vowel_length = Math.max(mora.vowel_length + seconds, mora.consonant ? 0 : this.frame);
    this.draw();
    this.told.changed();
  }

  // Everything where it belongs, and told to those who do not see it.
  draw() {
    for (const part of this.parts) {
      part.box.setAttribute("aria-label", this.say("phrase", { number: part.number + 1 }));
      const points = [];
      let left = 0;
      for (const { column, pitch, grip, mora } of part.moras) {
        const width = this.sized(column, grip, mora);
        const y = voiced(mora) ? this.y(mora.pitch) : HEIGHT - 8;
        pitch.style.top = `${y}px`;
        pitch.classList.toggle("voiceless", !voiced(mora));
        column.classList.toggle("devoiced", devoiced(mora));
        if (voiced(mora)) points.push(`${left + width / 2},${y}`);
        left += width;
        const hz = Math.round(hertz(mora));
        pitch.setAttribute("aria-label", this.say("mora", { kana: mora.text }));
        pitch.setAttribute("aria-valuemin", 20);
        pitch.setAttribute("aria-valuemax", 1500);
        pitch.setAttribute("aria-valuenow", voiced(mora) ? hz : 20);
        pitch.setAttribute("aria-valuetext", voiced(mora) ? this.say("hz", { hz }) : this.say("voiceless"));
        pitch.toggleAttribute("data-fixed", !voiced(mora));
      }
      if (part.pause) left += this.sized(part.pause.column, part.pause.grip, part.pause.mora);
      part.curve.setAttribute("width", left);
      part.line.setAttribute("points", points.join(" "));
      this.accented(part, part.phrase.accent || part.phrase.moras.length);
    }
  }

  sized(column, grip, mora) {
    const width = Math.max(length(mora) * PER_SECOND, NARROWEST);
    const ms = Math.round(1000 * length(mora));
    column.style.width = `${width}px`;
    grip.setAttribute("aria-label", mora.vowel === "pau" ? this.say("pause") : this.say("length", { kana: mora.text }));
    grip.setAttribute("aria-valuemin", 0);
    grip.setAttribute("aria-valuemax", 2000);
    grip.setAttribute("aria-valuenow", ms);
    grip.setAttribute("aria-valuetext", this.say("milliseconds", { ms }));
    return width;
  }

  // Where the accent is drawn: a line over the moras of high pitch, and the place where it falls.
  accented({ accent, overline, phrase, number, moras }, value) {
    const widths = moras.map(({ column }) => parseFloat(column.style.width));
    const sum = (count) => widths.slice(0, count).reduce((a, b) => a + b, 0);
    const flat = value === moras.length;
    const begin = value === 1 && !flat ? 0 : sum(1);
    overline.style.left = `${begin}px`;
    overline.style.width = `${sum(value) - begin}px`;
    overline.classList.toggle("falls", !flat);
    accent.style.left = `${sum(value)}px`;
    accent.setAttribute("aria-label", this.say("accent", { number: number + 1 }));
    accent.setAttribute("aria-valuemax", moras.length);
    accent.setAttribute("aria-valuenow", value);
    accent.setAttribute(
      "aria-valuetext",
      flat ? this.say("flat") : this.say("falls", { kana: phrase.moras[value - 1].text }),
    );
  }

  y(pitch) {
    return HEIGHT * (1 - (pitch - this.low) / (this.high - this.low));
  }
}
