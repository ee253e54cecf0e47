// The preview of a set follows its text: asked of the server a while after the last key, one at a time.

const form = document.querySelector("form[data-editor]");
const text = form.querySelector("textarea");
const live = document.getElementById("live");
const words = document.getElementById("words").dataset;

const AFTER_TYPING = 1500;
const BETWEEN = 4000;
const OCCUPIED = 503;  // others are before: asked again, as after typing

let timer = null;
let isAsking = false;
let asked = text.value;
let mayAskFrom = 0;

const say = (told) => {
  const older = document.getElementById("older");
  if (older) older.textContent = told;
};

const put = (page, name, { keeps = false } = {}) => {
  const [old, fresh] = [document, page].map((each) => each.getElementById(name));
  if (keeps || !fresh) return;
  // Whoever types is told politely, and keeps the caret.
  fresh.querySelectorAll("[role=alert]").forEach((each) => each.setAttribute("role", "status"));
  old.replaceWith(fresh);
};

const refresh = async () => {
  if (isAsking || form.elements.file.value) return;
  isAsking = true;
  asked = text.value;
  say(words.working);
  const body = new FormData(form);
  body.delete("file");
  body.set("action", "preview");
  try {
    const response = await fetch(form.getAttribute("action"), { method: "POST", body });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.getElementById("preview")) throw new Error(response.statusText);
    if (response.status === OCCUPIED) return later();
    const isFaulty = response.status !== 200;
    put(page, "told");
    // What was previewed stays where the new text has faults, and says that it is older.
    put(page, "preview", { keeps: isFaulty && document.getElementById("older") !== null });
    text.toggleAttribute("aria-invalid", false);
    if (isFaulty) text.setAttribute("aria-invalid", "true");
    say(isFaulty ? words.older : "");
  } catch {
    live.checked = false;
    say(words.failed);
  } finally {
    isAsking = false;
    mayAskFrom = Date.now() + BETWEEN;
  }
  if (live.checked && text.value !== asked) later();
};

const later = () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.max(AFTER_TYPING, mayAskFrom - Date.now()));
};

text.addEventListener("input", () => {
  say(words.older);
  if (live.checked) later();
});

live.addEventListener("change", () => live.checked && text.value !== asked && later());

// A link to a line puts the caret there.
form.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-line]");
  if (!link) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const count = Number(link.dataset.line) - 1;
  const start = lines.slice(0, count).join("\n").length + (count > 0 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[count] ?? "").length);
  text.scrollTop = (count - 3) * (text.scrollHeight / lines.length);
});
