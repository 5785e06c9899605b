// The requests of the page: the API that other programs use.

async function asked(method, path, parameters = {}, body = undefined, signal = undefined) {
  const told = new URLSearchParams(parameters).toString();
  const response = await fetch(told ? `${path}?${told}` : path, {
    method,
    signal,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await words(response));
  return response;
}

// What an answer says is wrong.
async function words(response) {
  try {
    const { detail } = await response.json();
    if (typeof detail === "string") return detail;
    if (Array.isArray(detail)) return detail.map((one) => `${one.loc.join(" ")}: ${one.msg}`).join("; ");
    return detail.text;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

const json = async (...told) => (await asked(...told)).json();

export const speakers = () => json("GET", "/speakers");
export const manifest = () => json("GET", "/engine_manifest");
export const query = (text, speaker) => json("POST", "/audio_query", { text, speaker });
export const fromKana = (text, speaker) => json("POST", "/accent_phrases", { text, speaker, is_kana: true });
export const moraData = (phrases, speaker) => json("POST", "/mora_data", { speaker }, phrases);
export const moraPitch = (phrases, speaker) => json("POST", "/mora_pitch", { speaker }, phrases);
export const synthesis = async (told, speaker, signal) =>
  (await asked("POST", "/cancellable_synthesis", { speaker }, told, signal)).blob();
