// A link that an instructor sent ends in #gg_…. Put the token into the form, and take it out of the
// address, so that it stays in no history. Whoever opened the link presses the button.
function take() {
  const token = location.hash.slice(1);
  if (!token.startsWith("gg_")) return;
  history.replaceState(null, "", location.pathname);
  document.getElementById("token").value = token;
  document.querySelector("main button").focus();
}

take();
// Who follows the link from this very page loads no other.
window.addEventListener("hashchange", take);
