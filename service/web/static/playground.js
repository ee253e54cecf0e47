// The playground with sliders: whatever changes, the server is asked for the page with these numbers,
// and what that shows is put in the place of what is shown.

const form = document.querySelector("form.play");
const WAIT = 150;

let waiting;
let asked;

async function show(address, takesNumbers) {
  asked?.abort();
  asked = new AbortController();
  try {
    const response = await fetch(address, { signal: asked.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const shown = document.getElementById("shown");
    const fresh = page.getElementById("shown");
    if (fresh === null) return refused(shown, page);
    const isOpen = shown.querySelector("details")?.open ?? false;
    shown.replaceChildren(...fresh.childNodes);
    if (isOpen) shown.querySelector("details")?.setAttribute("open", "");
    history.replaceState(null, "", response.url);
    if (takesNumbers) take(page);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

// What the server refuses, too many requests or numbers that somebody holds, is said above what was
// shown before.
function refused(shown, page) {
  const why = page.querySelector("main .note, main p");
  why.setAttribute("role", "status");
  shown.querySelector(":scope > .note")?.remove();
  shown.prepend(why);
}

// After a step the boxes and sliders hold the numbers that it led to.
function take(page) {
  for (const each of page.querySelectorAll("form.play input[id]")) {
    document.getElementById(each.id).value = each.value;
    slider(each.id).value = each.value;
  }
}

const slider = (name) => form.querySelector(`[data-of="${CSS.escape(name)}"]`);

const address = (submitter) => `${form.action}?${new URLSearchParams(new FormData(form, submitter))}`;

form.addEventListener("input", (event) => {
  const of = event.target.dataset.of;
  if (of) document.getElementById(of).value = event.target.value;
  else if (event.target.id && event.target.id !== "part") slider(event.target.id).value = event.target.value;
  clearTimeout(waiting);
  waiting = setTimeout(() => show(address()), WAIT);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  show(address(event.submitter), event.submitter?.name === "step");
});

// Pointing at edges, units or the target shows how their gradient comes about.
document.getElementById("shown").addEventListener("click", (event) => {
  const part = event.target.closest(".drawing g")?.getAttribute("class").match(/\b(W|L|loss)(\d*)\b/);
  if (!part) return;
  const [, kind, layer] = part;
  const wanted = kind === "loss" ? "loss" : kind === "W" ? `dW${layer}` : layer === "0" ? "dx" : `delta${layer}`;
  const select = document.getElementById("part");
  select.value = wanted;
  select.dispatchEvent(new Event("input", { bubbles: true }));
});

// A slider that is moved before anything listens would move alone.
for (const each of form.querySelectorAll("input[type=range]")) each.hidden = false;
