"use strict";
(() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const canvas = document.querySelector("#map canvas"), pen = canvas.getContext("2d");
  const tip = document.getElementById("tip"), list = document.getElementById("lines");
  const ROADS = [["#a9b8c0", 2.8], ["#bac6cc", 2.1], ["#c8d2d6", 1.5], ["#d3dade", 1.1], ["#dce2e4", 0.8]];
  const FONT = getComputedStyle(document.body).fontFamily;
  const state = { way: "inbound", shift: "", words: "", chosen: null, over: null, called: new Map() };
  const view = { x: 0, y: 0, k: 1 };
  const turn = Math.PI / 180;
  const middle = content.stops.length ? content.stops.reduce((sum, s) => sum + s.lat, 0) / content.stops.length : 0;
  const shrink = Math.cos(middle * turn);

  // Encoded polylines of precision 5 become flat arrays of x and y [degrees of latitude], y growing downwards.
  function decode(text) {
    const points = [];
    let at = 0, lat = 0, lon = 0;
    const number = () => {
      let value = 0, shift = 0, bits;
      do { bits = text.charCodeAt(at++) - 63; value |= (bits & 31) << shift; shift += 5; } while (bits >= 32);
      return value & 1 ? ~(value >> 1) : value >> 1;
    };
    while (at < text.length) { lat += number(); lon += number(); points.push(lon * shrink / 1e5, -lat / 1e5); }
    return points;
  }

  const roads = content.roads.map((rank) => rank.map(decode));
  const stops = content.stops.map((s) => ({ ...s, x: s.lon * shrink, y: -s.lat }));
  const lines = content.lines.map((line) => ({
    ...line,
    trips: line.trips.map((trip) => ({ ...trip, points: decode(trip.path) })),
    words: (line.name + " " + line.id + " " +
      line.trips.flatMap((t) => t.calls.map(([i]) => stops[i].name)).join(" ")).toLowerCase(),
  }));
  const byId = new Map(lines.map((line) => [line.id, line]));

  function shown(line) {
    return line.trips.filter((trip) => trip.inbound === (state.way === "inbound") &&
      (!state.shift || trip.shifts.includes(state.shift)));
  }

  function bounds(points) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const p of points) for (let i = 0; i < p.length; i += 2) {
      box[0] = Math.min(box[0], p[i]); box[1] = Math.min(box[1], p[i + 1]);
      box[2] = Math.max(box[2], p[i]); box[3] = Math.max(box[3], p[i + 1]);
    }
    return box[0] <= box[2] ? box : null;
  }

  function fit(points) {
    const box = bounds(points);
    if (!box) return;
    const w = canvas.clientWidth, h = canvas.clientHeight, pad = 46;
    const k = Math.min((w - 2 * pad) / (box[2] - box[0] || 1e-3), (h - 2 * pad) / (box[3] - box[1] || 1e-3), 60000);
    view.k = k;
    view.x = w / 2 - k * (box[0] + box[2]) / 2;
    view.y = h / 2 - k * (box[1] + box[3]) / 2;
    draw();
  }

  function fitAll() {
    const paths = lines.flatMap((line) => line.trips.map((trip) => trip.points));
    fit(paths.length ? paths : roads.flat());
  }

  function trace(points) {
    pen.moveTo(points[0] * view.k + view.x, points[1] * view.k + view.y);
    for (let i = 2; i < points.length; i += 2) pen.lineTo(points[i] * view.k + view.x, points[i + 1] * view.k + view.y);
  }

  let wanted = false;
  function draw() {
    if (wanted) return;
    wanted = true;
    requestAnimationFrame(() => { wanted = false; paint(); });
  }

  function paint() {
    const ratio = window.devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, w, h);
    pen.lineJoin = pen.lineCap = "round";
    paintRoads();
    paintLines();
    paintStops();
    paintScale();
  }

  function paintRoads() {
    const near = Math.min(2.2, Math.max(0.55, Math.sqrt(view.k / 9000)));
    for (let rank = roads.length - 1; rank >= 0; rank--) {
      [pen.strokeStyle] = ROADS[rank];
      pen.lineWidth = ROADS[rank][1] * near;
      pen.beginPath();
      for (const road of roads[rank]) trace(road);
      pen.stroke();
    }
  }

  function focused() { return state.chosen || state.over; }

  function paintLines() {
    const focus = focused();
    // One path per colour, so that lines which share a road do not darken one another.
    const paths = new Map();
    for (const line of lines) {
      if (line === focus) continue;
      if (!paths.has(line.colour)) paths.set(line.colour, []);
      paths.get(line.colour).push(...shown(line).map((trip) => trip.points));
    }
    pen.globalAlpha = focus ? 0.16 : 0.8;
    pen.lineWidth = 2.4;
    for (const [colour, points] of paths) {
      pen.strokeStyle = colour;
      pen.beginPath();
      points.forEach(trace);
      pen.stroke();
    }
    pen.globalAlpha = 1;
    for (const trip of focus ? shown(focus) : []) {
      for (const [colour, width] of [["#fff", 7.5], [focus.colour, 4.2]]) {
        pen.strokeStyle = colour; pen.lineWidth = width;
        pen.beginPath(); trace(trip.points); pen.stroke();
      }
    }
  }

  function paintStops() {
    const focus = focused(), called = new Map();
    for (const line of focus ? [focus] : lines) for (const trip of shown(line)) for (const [i, clock] of trip.calls) called.set(i, clock);
    state.called = called;
    const radius = Math.min(5, Math.max(1.5, Math.sqrt(view.k / 3400)));
    for (const i of called.keys()) {
      const stop = stops[i];
      if (stop.site) continue;
      pen.beginPath();
      pen.arc(stop.x * view.k + view.x, stop.y * view.k + view.y, focus ? Math.max(3.6, radius) : radius, 0, 7);
      pen.fillStyle = "#fff"; pen.strokeStyle = focus ? focus.colour : "#33474f"; pen.lineWidth = focus ? 2 : 1.1;
      pen.fill(); pen.stroke();
    }
    const taken = [];
    const sites = stops.filter((stop) => stop.site);
    for (const site of sites) paintSite(site, taken);
    for (const site of sites) label(site, site.name, "650 13px", taken);
    for (const [i, clock] of focus ? called : []) {
      if (!stops[i].site) label(stops[i], clock ? `${stops[i].name} ${clock}` : stops[i].name, "500 12px", taken);
    }
  }

  function paintSite(stop, taken) {
    const x = stop.x * view.k + view.x, y = stop.y * view.k + view.y, size = 6.5;
    pen.fillStyle = "#12313f"; pen.strokeStyle = "#fff"; pen.lineWidth = 2;
    pen.beginPath(); pen.rect(x - size, y - size, 2 * size, 2 * size); pen.stroke(); pen.fill();
    taken.push([x - size, y - size, x + size, y + size]);
  }

  // A label goes to the first side where it covers no other; without room, it is left out.
  function label(stop, text, font, taken) {
    const x = stop.x * view.k + view.x, y = stop.y * view.k + view.y;
    pen.font = `${font} ${FONT}`;
    const w = pen.measureText(text).width, h = 15;
    const sides = [[x + 10, y - h / 2], [x - 10 - w, y - h / 2], [x - w / 2, y - h - 8], [x - w / 2, y + 9]];
    for (const [left, top] of sides) {
      const box = [left - 2, top, left + w + 2, top + h];
      if (taken.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3])) continue;
      taken.push(box);
      pen.lineWidth = 3.5; pen.strokeStyle = "rgba(255,255,255,.92)"; pen.fillStyle = "#16242d";
      pen.strokeText(text, left, top + 12); pen.fillText(text, left, top + 12);
      return;
    }
  }

  function paintScale() {
    const metres = 110 / view.k * 111320, power = 10 ** Math.floor(Math.log10(metres));
    const round = [5, 2, 1].map((f) => f * power).find((m) => m <= metres);
    document.querySelector("#scale i").style.width = `${round / 111320 * view.k}px`;
    document.querySelector("#scale span").textContent = round >= 1000 ? `${round / 1000} km` : `${round} m`;
  }

  function distance(points, x, y) {
    let best = Infinity;
    for (let i = 0; i + 3 < points.length; i += 2) {
      const ax = points[i] * view.k + view.x - x, ay = points[i + 1] * view.k + view.y - y;
      const dx = (points[i + 2] - points[i]) * view.k, dy = (points[i + 3] - points[i + 1]) * view.k;
      const share = Math.max(0, Math.min(1, -(ax * dx + ay * dy) / (dx * dx + dy * dy || 1)));
      best = Math.min(best, Math.hypot(ax + share * dx, ay + share * dy));
    }
    return best;
  }

  function hit(x, y) {
    let line = null, nearest = 8;
    for (const candidate of lines) for (const trip of shown(candidate)) {
      const far = distance(trip.points, x, y);
      if (far < nearest) { nearest = far; line = candidate; }
    }
    const stop = stops.find((s, i) => (s.site || state.called.has(i)) && Math.hypot(s.x * view.k + view.x - x, s.y * view.k + view.y - y) < (s.site ? 9 : 6));
    return { line, stop };
  }

  function say(x, y, found) {
    tip.hidden = !found.line && !found.stop;
    if (tip.hidden) return;
    tip.replaceChildren();
    const put = (name, text) => { const part = document.createElement(name); part.textContent = text; tip.append(part); };
    if (found.stop) {
      put("b", found.stop.name);
      put("span", found.stop.site ? "worksite" : found.stop.people === null ? "fewer than 5 riders a day" : `${found.stop.people} riders a day`);
    }
    if (found.line) {
      put("b", found.line.name);
      for (const trip of shown(found.line)) {
        put("span", `${trip.departs} → ${trip.arrives || "?"} · ${trip.riders} of ${trip.seats || "?"} seats${trip.km === null ? "" : ` · ${trip.km} km`}`);
      }
    }
    tip.style.left = `${Math.min(x + 14, canvas.clientWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.min(y + 14, canvas.clientHeight - tip.offsetHeight - 8)}px`;
  }

  function choose(line, move) {
    state.chosen = state.chosen === line ? null : line;
    fillList();
    if (state.chosen && move) fit(shown(line).map((trip) => trip.points)); else draw();
  }

  function fillList() {
    list.replaceChildren();
    for (const line of lines) {
      const trips = shown(line);
      if (!trips.length || !line.words.includes(state.words)) continue;
      const item = document.createElement("li");
      item.style.borderLeftColor = line.colour;
      item.tabIndex = 0;
      item.classList.toggle("on", line === state.chosen);
      const add = (parent, name, style, text) => {
        const part = document.createElement(name);
        if (style) part.className = style;
        if (text !== undefined) part.textContent = text;
        parent.append(part);
        return part;
      };
      const head = add(item, "div", "name"), [trip] = trips;
      add(head, "span", "", line.name).title = line.name;
      add(head, "span", "", `${trip.departs}–${trip.arrives || "?"}`);
      const more = add(item, "div", "more");
      const riders = trips.reduce((sum, t) => sum + t.riders, 0), seats = trips.reduce((sum, t) => sum + (t.seats || 0), 0);
      const bar = add(add(more, "span", "load"), "i");
      bar.style.width = `${seats ? Math.min(100, 100 * riders / seats) : 0}%`;
      bar.style.background = line.colour;
      add(more, "span", "", `${riders} of ${seats || "?"} seats, ${trip.calls.length} stops${trips.length > 1 ? `, ${trips.length} trips` : ""}`);
      item.addEventListener("click", () => choose(line, true));
      item.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(line, true); });
      item.addEventListener("mouseenter", () => { state.over = line; draw(); });
      item.addEventListener("mouseleave", () => { state.over = null; draw(); });
      list.append(item);
    }
    if (!list.children.length) { const item = document.createElement("li"); item.className = "none"; item.textContent = "No such line."; list.append(item); }
  }

  function zoom(factor, x, y) {
    const k = Math.max(200, Math.min(400000, view.k * factor)), change = k / view.k;
    view.x = x - (x - view.x) * change; view.y = y - (y - view.y) * change; view.k = k;
    draw();
  }

  let held = null;
  canvas.addEventListener("pointerdown", (event) => { held = { x: event.clientX, y: event.clientY, moved: false }; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (held) {
      const dx = event.clientX - held.x, dy = event.clientY - held.y;
      if (!held.moved && Math.hypot(dx, dy) < 4) return;
      Object.assign(held, { x: event.clientX, y: event.clientY, moved: true });
      view.x += dx; view.y += dy; tip.hidden = true;
      canvas.classList.add("dragging");
      draw();
      return;
    }
    const found = hit(event.offsetX, event.offsetY);
    if (found.line !== state.over) { state.over = found.line; draw(); }
    canvas.classList.toggle("over", Boolean(found.line));
    say(event.offsetX, event.offsetY, found);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held && !held.moved) { const { line } = hit(event.offsetX, event.offsetY); if (line || state.chosen) choose(line || state.chosen, false); }
    held = null;
    canvas.classList.remove("dragging");
  });
  canvas.addEventListener("pointercancel", () => { held = null; canvas.classList.remove("dragging"); });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; if (state.over) { state.over = null; draw(); } });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(Math.exp(-event.deltaY / 500), event.offsetX, event.offsetY); }, { passive: false });
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "all") fitAll();
      else zoom(button.dataset.zoom === "in" ? 1.5 : 1 / 1.5, canvas.clientWidth / 2, canvas.clientHeight / 2);
    });
  }
  for (const button of document.querySelectorAll("[data-way]")) {
    button.addEventListener("click", () => {
      state.way = button.dataset.way;
      for (const other of document.querySelectorAll("[data-way]")) other.classList.toggle("on", other === button);
      fillList(); draw();
    });
  }
  document.getElementById("shift").addEventListener("change", (event) => { state.shift = event.target.value; fillList(); draw(); });
  document.getElementById("search").addEventListener("input", (event) => { state.words = event.target.value.trim().toLowerCase(); fillList(); });
  for (const corridor of content.corridors) {
    const item = document.createElement("li"), chip = document.createElement("span");
    chip.className = "chip"; chip.style.background = corridor.colour;
    item.append(chip, `towards ${corridor.name} (${corridor.lines})`);
    document.getElementById("legend").append(item);
  }

  const table = document.getElementById("trips");
  table.querySelectorAll("th").forEach((head, column) => head.addEventListener("click", () => {
    const order = head.dataset.order === "1" ? -1 : 1;
    table.querySelectorAll("th").forEach((other) => delete other.dataset.order);
    head.dataset.order = order;
    const key = (row) => row.cells[column].dataset.value || row.cells[column].textContent;
    const rows = [...table.tBodies[0].rows].sort((a, b) => order * key(a).localeCompare(key(b), "zh", { numeric: true }));
    table.tBodies[0].append(...rows);
  }));
  table.tBodies[0].addEventListener("click", (event) => {
    const line = byId.get(event.target.closest("tr").dataset.line);
    if (!line) return;
    state.chosen = null;
    choose(line, true);
    document.getElementById("map").scrollIntoView({ block: "center" });
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && state.chosen) choose(state.chosen, false); });

  new ResizeObserver(draw).observe(canvas);
  fillList();
  fitAll();
})();
