"use strict";
(() => {
  const cases = Array.from(document.querySelectorAll(".case"));
  const filters = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const names = [["activation", "Activation"], ["loss", "Loss"], ["architecture", "Architecture"], ["rule", "Rule"], ["verdict", "Verdict"]];
  const values = (it, name) => it.dataset[name].split("\n");
  const chosen = new Map();

  const add = (label, control) => {
    const box = document.createElement("label");
    box.append(label, control);
    filters.append(box);
  };
  for (const [name, label] of names) {
    const counts = new Map();
    for (const it of cases) for (const value of values(it, name)) counts.set(value, (counts.get(value) || 0) + 1);
    const select = document.createElement("select");
    select.append(new Option("all", ""));
    for (const value of Array.from(counts.keys()).sort()) select.append(new Option(`${value} (${counts.get(value)})`, value));
    select.addEventListener("change", () => { chosen.set(name, select.value); show(); });
    add(label, select);
  }
  const search = document.createElement("input");
  search.type = "search";
  search.addEventListener("input", () => show());
  add("Words", search);

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const it of cases) {
      const fits = names.every(([name]) => !chosen.get(name) || values(it, name).includes(chosen.get(name)));
      const text = it.textContent.toLowerCase();
      it.hidden = !(fits && words.every((word) => text.includes(word)));
      count += it.hidden ? 0 : 1;
    }
    shown.textContent = `${count} of ${cases.length} cases`;
  };
  filters.hidden = false;
  show();
})();
