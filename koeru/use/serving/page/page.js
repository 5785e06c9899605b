// The page: what is asked, who speaks, and what is kept.

import * as api from "./api.js";
import { Editor, made } from "./editor.js";
import { copied, hertz, kana, voiced } from "./phrases.js";
import { TEXTS } from "./texts.js";

const $ = (id) => document.getElementById(id);
const state = {
  language: navigator.language.startsWith("ja") ? "ja" : "en",
  speakers: [],
  frame: 0.01,
  query: null, // as the voice would say it, and as it is changed
  chosen: null, // the mora whose numbers are shown
  heard: new Map(), // sounds by what was asked, of the last query alone
  order: [0, 1], // who is X, and who is Y
  votes: [0, 0, 0],
  asking: null,
  changing: null, // what is being asked about the query: it is spoken after that
};

function say(key, values = {}) {
  return TEXTS[state.language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const editor = new Editor($("phrases"), say, {
  changed: () => (shown(), numbers()),
  accent: (number) => change(() => newPitches(number)),
  own: (number, at) => change(() => ownPitch(number, at)),
  chosen: (mora) => ((state.chosen = mora), numbers()),
  play: () => play(0),
});

// Do something that may fail: the error is told in words.
async function attempt(work) {
  $("error").textContent = "";
  try {
    await work();
  } catch (error) {
    if (error.name !== "AbortError") $("error").textContent = error.message;
    $("status").textContent = "";
  }
}

function change(work) {
  state.changing = attempt(work);
}

// Who speaks

const sides = ["a", "b"].map((id) => {
  const box = $(id);
  const [voice, speaker, emotion] = ["voice", "speaker", "emotion"].map((name) => box.querySelector(`.${name}`));
  return { box, voice, speaker, emotion };
});

// The voice and the speaker in the name of one of the API's speakers: "Anna (LINE_15)".
function named({ name }) {
  const [, speaker, voice] = name.match(/^(.*) \((.*)\)$/s);
  return { speaker, voice };
}

function fill(select, values) {
  const before = select.value;
  select.replaceChildren(...values.map((value) => made("option", { value }, value)));
  if (values.includes(before)) select.value = before;
}

function filled({ voice, speaker, emotion }) {
  const unique = (values) => [...new Set(values)];
  fill(voice, unique(state.speakers.map((one) => named(one).voice)));
  const own = state.speakers.filter((one) => named(one).voice === voice.value);
  fill(speaker, own.map((one) => named(one).speaker));
  fill(emotion, (own.find((one) => named(one).speaker === speaker.value) ?? own[0]).styles.map((style) => style.name));
}

function styleOf({ voice, speaker, emotion }) {
  const own = state.speakers.find(({ name }) => name === `${speaker.value} (${voice.value})`);
  return own.styles.find(({ name }) => name === emotion.value).id;
}

const nameOf = ({ voice, speaker, emotion }) => `${voice.value} ${speaker.value} ${emotion.value}`;

for (const side of sides) {
  for (const select of [side.voice, side.speaker, side.emotion]) {
    select.addEventListener("change", () => {
      filled(side);
      state.votes = [0, 0, 0];
      if (side === sides[0]) change(again);
    });
  }
}

// What is said

async function read() {
  show(await api.query($("text").value, styleOf(sides[0])));
}

// The same phrases as another voice would say them, or this one without changes.
async function again() {
  if (!state.query) return;
  const phrases = await api.moraData(state.query.accent_phrases, styleOf(sides[0]));
  show({ ...state.query, accent_phrases: phrases });
}

function show(query) {
  state.query = query;
  state.chosen = null;
  editor.show(query.accent_phrases, state.frame);
  shown();
  numbers();
}

// After every change: the kana, and sounds that are no longer the right ones.
function shown() {
  $("kana").value = kana(state.query.accent_phrases);
}

async function newPitches(number) {
  const phrases = await api.moraPitch(state.query.accent_phrases, styleOf(sides[0]));
  state.query.accent_phrases[number].moras.forEach((mora, at) => (mora.pitch = phrases[number].moras[at].pitch));
  editor.scale();
  editor.draw();
  shown();
  numbers();
}

async function ownPitch(number, at) {
  const phrases = await api.moraPitch(state.query.accent_phrases, styleOf(sides[0]));
  state.query.accent_phrases[number].moras[at].pitch = phrases[number].moras[at].pitch;
  editor.draw();
  numbers();
}

// The numbers of the mora that is chosen.
function numbers() {
  const mora = state.chosen;
  const values = {
    consonant: mora?.consonant ? Math.round(1000 * mora.consonant_length) : null,
    vowel: mora ? Math.round(1000 * mora.vowel_length) : null,
    hertz: mora && voiced(mora) ? Math.round(hertz(mora)) : null,
  };
  for (const [id, value] of Object.entries(values)) {
    $(id).disabled = value === null;
    if (document.activeElement !== $(id)) $(id).value = value ?? "";
  }
}

for (const [id, set] of Object.entries({
  consonant: (mora, value) => (mora.consonant_length = value / 1000),
  vowel: (mora, value) => (mora.vowel_length = value / 1000),
  hertz: (mora, value) => (mora.pitch = Math.log(value)),
})) {
  $(id).addEventListener("change", () => {
    if (!$(id).checkValidity() || $(id).value === "") return numbers();
    set(state.chosen, Number($(id).value));
    editor.scale();
    editor.draw();
    shown();
  });
}

// How it sounds

function manner(query) {
  const told = {};
  for (const input of $("manner").querySelectorAll("input")) told[input.name] = Number(input.value);
  return { ...query, ...told };
}

async function queryOf(side) {
  if (side === 0) return manner(state.query);
  const phrases = $("shared").checked
    ? state.query.accent_phrases
    : await api.moraData(copied(state.query.accent_phrases), styleOf(sides[1]));
  return manner({ ...state.query, accent_phrases: phrases });
}

// The sound of a side, which is asked for once.
async function soundOf(side) {
  await state.changing;
  if (!state.query) await read();
  const query = await queryOf(side);
  const style = styleOf(sides[side]);
  const key = JSON.stringify([query, style]);
  if (!state.heard.has(key)) {
    state.asking?.abort();
    state.asking = new AbortController();
    $("status").textContent = say("working");
    const sound = await api.synthesis(query, style, state.asking.signal);
    if (state.heard.size > 1) state.heard.delete(state.heard.keys().next().value);
    state.heard.set(key, sound);
  }
  return state.heard.get(key);
}

function play(place) {
  return attempt(async () => {
    const sound = await soundOf($("blind").checked ? state.order[place] : place);
    const audio = $("audio");
    URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(sound);
    await audio.play();
    $("status").textContent = say("said", { seconds: audio.duration.toFixed(2) });
  });
}

function sidesShown() {
  const [compare, blind] = [$("compare").checked, $("compare").checked && $("blind").checked];
  sides[1].box.hidden = $("play-b").hidden = !compare;
  $("judging").hidden = !blind;
  $("blind").disabled = $("shared").disabled = !compare;
  $("play-a").textContent = say(blind ? "playX" : compare ? "playA" : "play");
  $("play-b").textContent = say(blind ? "playY" : "playB");
}

function shuffle() {
  const [drawn] = crypto.getRandomValues(new Uint8Array(1));
  state.order = drawn % 2 ? [1, 0] : [0, 1];
}

function vote(choice) {
  state.votes[choice === "same" ? 2 : state.order[Number(choice)]] += 1;
  $("score").textContent = say("voted", { count: state.votes.reduce((sum, count) => sum + count, 0) });
  shuffle();
}

function reveal() {
  const [aWins, bWins, same] = state.votes;
  $("score").textContent = say("score", { a: nameOf(sides[0]), b: nameOf(sides[1]), aWins, bWins, same });
}

// What is kept

function save(content, name, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = made("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

const quoted = (field) => (/[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

function addLine() {
  const id = $("utterance").value.trim();
  if (!id || !state.query) return $("utterance").focus();
  const lines = $("lines").value.split("\n").filter((line) => line && !line.startsWith(`${quoted(id)},`));
  $("lines").value = [...lines, `${quoted(id)},${quoted(kana(state.query.accent_phrases))}`].join("\n") + "\n";
}

// In which language

function speakIn(language) {
  state.language = language;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", button.dataset.language === language);
  }
  document.title = say("title");
  $("status").textContent = $("score").textContent = "";
  editor.draw();
  sidesShown();
}

const on = (id, kind, work) => $(id).addEventListener(kind, work);
const submitted = (work) => (event) => (event.preventDefault(), change(work));

on("asked", "submit", submitted(read));
on("text", "keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) event.preventDefault(), $("read").click();
});
on("notation", "submit", submitted(async () => {
  const phrases = await api.fromKana($("kana").value, styleOf(sides[0]));
  if (!state.query) await read();
  show({ ...state.query, accent_phrases: phrases });
}));
on("reset", "click", () => change(again));
on("play-a", "click", () => play(0));
on("play-b", "click", () => play(1));
for (const id of ["compare", "blind"]) on(id, "change", () => (shuffle(), sidesShown()));
for (const button of document.querySelectorAll("[data-vote]")) {
  button.addEventListener("click", () => vote(button.dataset.vote));
}
on("reveal", "click", reveal);
on("save-wav", "click", () => attempt(async () => save(await soundOf(0), "koeru.wav")));
on("save-kana", "click", () => save(`${$("kana").value}\n`, "koeru.txt", "text/plain;charset=utf-8"));
on("add-line", "click", addLine);
on("save-lines", "click", () => save(`id,kana\n${$("lines").value}`, "corrections.csv", "text/csv;charset=utf-8"));
for (const input of $("manner").querySelectorAll("input")) {
  input.addEventListener("input", () => (input.nextElementSibling.textContent = input.value));
}
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => speakIn(button.dataset.language));
}

speakIn(state.language);
attempt(async () => {
  state.speakers = await api.speakers();
  state.frame = 1 / (await api.manifest()).frame_rate;
  sides.forEach(filled);
  sides[1].voice.selectedIndex = Math.min(1, sides[1].voice.options.length - 1);
  filled(sides[1]);
  document.body.dataset.ready = "true";
});
