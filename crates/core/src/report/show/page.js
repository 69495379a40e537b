"use strict";
// The page can be read without this. What it adds: search, filters, links that unfold what they lead to, a switch for
// light and dark, and everything unfolded on paper. What it knows, it reads from the page.

const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const search = byId("search");
const filters = ["type", "tag", "finding", "state"].map(byId).filter((select) => select !== null);

// Controls with what they are found by. Made when it is first needed, and only once.
let known = null;

function controls() {
  known ??= all("article[data-control]").map((element) => ({
    element,
    id: element.id,
    text: plain(element.textContent),
    type: new Set(all("[data-type]", element).map((source) => source.dataset.type)),
    tag: new Set(all(".tags dt", element).map((key) => `${key.textContent}=${key.nextElementSibling.textContent}`)),
    finding: new Set(all("[data-level]", element).map((finding) => finding.dataset.level)),
    state: new Set([element.dataset.state]),
  }));
  return known;
}

// What shows controls, and goes where it shows none.
const families = all(".family").map((element) => ({ element, rows: all("article", element) }));
let links = null;

function frameworks() {
  links ??= all(".framework").map((element) => ({
    element,
    title: plain(element.querySelector("summary").textContent),
    sets: all(".sets section", element).map((set) => ({
      element: set,
      members: all("li", set).map((member) => ({
        element: member,
        id: member.querySelector("a")?.getAttribute("href").slice(1),
        text: plain(member.textContent),
      })),
    })),
  }));
  return links;
}

function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

function fits(control, words, chosen) {
  if (!words.every((word) => control.text.includes(word))) return false;
  return chosen.every(([of, value]) => {
    if (of === "finding" && value === "any") return control.finding.size > 0;
    if (of === "finding" && value === "none") return control.finding.size === 0;
    return control[of].has(value);
  });
}

function apply() {
  const words = plain(search.value).split(/\s+/).filter((word) => word !== "");
  const chosen = filters.filter((select) => select.value !== "").map((select) => [select.id, select.value]);
  const everything = words.length === 0 && chosen.length === 0;
  const shown = new Set();
  const list = controls();
  for (const control of list) {
    const fit = everything || fits(control, words, chosen);
    if (fit) shown.add(control.id);
    hide(control.element, !fit);
  }
  for (const family of families) hide(family.element, family.rows.every((row) => row.hidden));
  for (const framework of frameworks()) {
    const named = chosen.length === 0 && words.every((word) => framework.title.includes(word));
    let some = false;
    for (const set of framework.sets) {
      let any = false;
      for (const member of set.members) {
        const fit = everything || named || shown.has(member.id) ||
          (member.id === undefined && chosen.length === 0 && words.every((word) => member.text.includes(word)));
        hide(member.element, !fit);
        any ||= fit;
      }
      hide(set.element, !any && !everything && !named);
      some ||= any;
    }
    hide(framework.element, !some && !everything && !named);
  }
  const noun = list.length === 1 ? "control" : "controls";
  byId("count").textContent = everything ? `${list.length} ${noun}` : `${shown.size} of ${list.length} ${noun}`;
  hide(byId("nothing"), shown.size > 0 || list.length === 0);
  hide(byId("clear"), everything);
}

function clear() {
  search.value = "";
  for (const select of filters) select.value = "";
  apply();
}

// A link to a control or a framework unfolds it, and shows it whatever is filtered.
function follow() {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    // What is no escaped text is taken as it stands.
  }
  const target = id === "" ? null : byId(id);
  const details = target?.querySelector(":scope > details");
  if (!details) return;
  if (target.hidden || target.closest("[hidden]")) clear();
  details.open = true;
  target.scrollIntoView({ block: "start" });
  details.querySelector("summary").focus({ preventScroll: true });
}

const foldable = () => all("details").filter((details) => !details.closest("[hidden]"));
let unfolded = false;

function unfold() {
  unfolded = !unfolded;
  for (const details of foldable()) details.open = unfolded;
  byId("unfold").textContent = unfolded ? "Fold all" : "Unfold all";
}

const theme = byId("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const dark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
const tell = () => theme.setAttribute("aria-pressed", String(dark()));

theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  tell();
});
system.addEventListener("change", tell);
tell();

search.addEventListener("input", apply);
for (const select of filters) select.addEventListener("change", apply);
byId("unfold").addEventListener("click", unfold);
for (const id of ["clear", "again"]) {
  byId(id).addEventListener("click", () => {
    clear();
    search.focus();
  });
}
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && event.target === search) {
    clear();
  }
});
addEventListener("hashchange", follow);
document.addEventListener("click", (event) => {
  // The same link once more changes no address.
  const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
  if (link !== null && link.getAttribute("href") === location.hash) follow();
});

// On paper nothing can be unfolded.
let folded = [];
addEventListener("beforeprint", () => {
  folded = foldable().filter((details) => !details.open);
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});

follow();
addEventListener("load", () => setTimeout(() => {
  // A page that is visited again may have its search back.
  if (search.value !== "" || filters.some((select) => select.value !== "")) apply();
  // The browser goes to the place that its address names once more, and takes the focus away.
  follow();
}));
// The first key of a search need not wait for this, either.
(globalThis.requestIdleCallback ?? setTimeout)(() => {
  controls();
  frameworks();
});
