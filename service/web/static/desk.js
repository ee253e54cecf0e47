// The form of an exercise, bettered: moving between cells, spreading what is pasted, drafts, and how
// a text is understood. All of it works without this file too, and the server alone reads numbers.

import { forget, forgetSent, keep, read } from "./drafts.js";

const PAUSE = 600;  // milliseconds after the last key, until the server is asked

document.querySelectorAll("table.fill").forEach(moveAndSpread);

// What is tried is neither kept nor read beforehand: it is graded at once, as often as one likes.
const form = document.querySelector("form.answers");
if (form) {
  keepDraft();
  tellWhatIsUnderstood();
}

// Cells

function moveAndSpread(table) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")]);
  const at = (cell) => {
    const row = rows.findIndex((each) => each.includes(cell));
    return row < 0 ? null : [row, rows[row].indexOf(cell)];
  };

  table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
    const place = at(event.target);
    if (!step || !place || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    // Enter hands nothing in, not even where there is no row below.
    event.preventDefault();
    const next = rows[place[0] + step]?.[place[1]];
    next?.focus();
    next?.select();
  });

  table.addEventListener("paste", (event) => {
    const place = at(event.target);
    const block = cut(event.clipboardData.getData("text"));
    if (!place || block.flat().length < 2) return;
    event.preventDefault();
    block.forEach((texts, row) => texts.forEach((text, column) => {
      const cell = rows[place[0] + row]?.[place[1] + column];
      if (cell) cell.value = text;
    }));
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/** Cut a block into rows of texts, as they were written; what they mean is for the server to read. */
function cut(block) {
  const bare = block.trim().replace(/^[\w.]*\(\s*(?=\[)|\]\s*\)$/g, "").replace(/^\[+|\]+$/g, "");
  return bare.split(/\r?\n|;|\]\s*,?\s*\[/)
    .map((row) => row.replace(/^[[\s,]+|[\]\s,]+$/g, "")).filter(Boolean).map(cells);
}

function cells(row) {
  if (row.includes("\t")) return row.split("\t").map((text) => text.trim());
  if (/,\s/.test(row)) return row.split(/\s*,\s*/);
  if (/\s/.test(row)) return row.split(/\s+/);
  // A comma alone may as well begin a fraction.
  return (row.match(/,/g) ?? []).length > 1 || /\..*,|,.*\./.test(row) ? row.split(",") : [row];
}

// Drafts

function boxes() {
  return [...form.querySelectorAll("input:not([type]), textarea")];
}

function keepDraft() {
  const variant = form.dataset.draft;
  const attempts = Number(form.dataset.attempts);
  const told = document.getElementById("draft");
  // A form that comes back holds what was typed; a fresh one may hold what was right before.
  const isFresh = "fresh" in form.dataset;
  const isTyped = (box) => (isFresh ? box.value !== box.defaultValue : box.value !== "");
  const save = (isSent) => {
    const typed = Object.fromEntries(boxes().filter(isTyped).map((box) => [box.name, box.value]));
    if (Object.keys(typed).length) keep(variant, { typed, attempts, isSent });
    else forget(variant);
  };

  forgetSent(variant, attempts);
  const draft = isFresh ? read(variant) : null;
  if (draft) {
    for (const box of boxes()) {
      if (box.name in draft.typed) box.value = draft.typed[box.name];
      if (box.value) box.closest("details")?.setAttribute("open", "");
    }
    told.hidden = false;
  }
  if (draft || !isFresh) save(false);
  told.querySelector("button").addEventListener("click", () => {
    form.reset();
    forget(variant);
    told.hidden = true;
  });
  form.addEventListener("input", () => save(false));
  form.addEventListener("submit", (event) => save(!event.submitter?.name));
}

// What a text is understood as: the server reads the form, and says it as on the page that looks first.

function tellWhatIsUnderstood() {
  let timer, asked = 0;
  form.addEventListener("input", (event) => {
    if (!event.target.matches("textarea")) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  async function ask() {
    const mine = ++asked;
    const data = new FormData(form);
    data.delete("upload");
    data.set("look", "yes");
    const answer = await fetch(form.action, { method: "POST", body: data }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelectorAll("[data-says]").forEach((says) => tell(says, page));
  }
}

/** Put what a page says of a box below it, and why it cannot be taken where that is so. */
function tell(says, page) {
  const box = document.getElementById(says.dataset.says);
  const fault = page.getElementById(`${says.dataset.says}-fault`)?.textContent ?? "";
  const shown = document.getElementById(`${says.dataset.says}-fault`);
  if (shown) {
    shown.textContent = fault;
    box.setAttribute("aria-invalid", String(fault !== ""));
  }
  const read = page.getElementById(says.id)?.textContent.trim() ?? "";
  const said = read || (shown ? "" : fault);
  if (says.textContent.trim() !== said) says.textContent = said;
}
