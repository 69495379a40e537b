"use strict";
// The page can be read without this script. It adds search, filters, links that expand their target, a switch between light
// and dark, and expanded details in print. It reads all its data from the page.

const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const search = byId("search");
const filters = ["type", "tag", "finding", "state", "setup", "status"].map(byId).filter((select) => select !== null);

// Controls with their search texts and filter values. Created once, when they are first needed.
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
    setup: new Set([element.dataset.setup]),
    status: new Set([element.dataset.status]),
  }));
  return known;
}

// Families, or statuses, are hidden if none of their controls is shown.
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

function matches(control, words, chosen) {
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
    const fit = everything || matches(control, words, chosen);
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

// A link to a control or a framework expands it, and clears filters that hide it.
function follow() {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    // A fragment with invalid escapes is used without decoding.
  }
  const target = id === "" ? null : byId(id);
  const details = target?.querySelector(":scope > details");
  if (!details) return;
  if (target.hidden || target.closest("[hidden]")) clear();
  details.open = true;
  target.scrollIntoView({ block: "start" });
  details.querySelector("summary").focus({ preventScroll: true });
}

const expandable = () => all("details").filter((details) => !details.closest("[hidden]"));
let expanded = false;

function toggle() {
  expanded = !expanded;
  for (const details of expandable()) details.open = expanded;
  byId("expand").textContent = expanded ? "Collapse all" : "Expand all";
}

const theme = byId("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const dark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
const showTheme = () => theme.setAttribute("aria-pressed", String(dark()));

theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  showTheme();
});
system.addEventListener("change", showTheme);
showTheme();

search.addEventListener("input", apply);
for (const select of filters) select.addEventListener("change", apply);
byId("expand").addEventListener("click", toggle);
for (const id of ["clear", "show-all"]) {
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
  // A second click on the same link does not change the address.
  const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
  if (link !== null && link.getAttribute("href") === location.hash) follow();
});

// In print nothing can be expanded.
let collapsed = [];
addEventListener("beforeprint", () => {
  collapsed = expandable().filter((details) => !details.open);
  for (const details of collapsed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of collapsed) details.open = false;
});

follow();
addEventListener("load", () => setTimeout(() => {
  // The browser may restore the search of an earlier visit.
  if (search.value !== "" || filters.some((select) => select.value !== "")) apply();
  // The browser scrolls to the fragment again, and moves the focus.
  follow();
}));
// Prepare the search before its first key press.
(globalThis.requestIdleCallback ?? setTimeout)(() => {
  controls();
  frameworks();
});
