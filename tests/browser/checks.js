// What must hold of every page. Each check gives the faults that it found, as texts.
({
  // How an element is called in a message.
  name(e) {
    const id = e.id ? '#' + e.id : '';
    const own = e.getAttribute && e.getAttribute('class');
    const text = (e.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `<${e.tagName.toLowerCase()}${id}${own ? '.' + own.replace(/ /g, '.') : ''}> "${text}"`;
  },

  structure() {
    const faults = [], seen = new Map();
    for (const e of document.querySelectorAll('[id]')) {
      if (seen.has(e.id)) faults.push(`two elements have the id ${e.id}`);
      seen.set(e.id, e);
    }
    for (const a of document.querySelectorAll('[href^="#"]')) {
      const id = a.getAttribute('href').slice(1);
      if (!seen.has(id) && !seen.has(decodeURIComponent(id))) faults.push(`nothing is #${id}, to which ${this.name(a)} leads`);
    }
    for (const e of document.querySelectorAll('[aria-labelledby], [aria-describedby], [aria-controls]'))
      for (const key of ['aria-labelledby', 'aria-describedby', 'aria-controls'])
        for (const id of (e.getAttribute(key) || '').split(/\s+/).filter(Boolean))
          if (!seen.has(id)) faults.push(`${key} of ${this.name(e)} is #${id}, which nothing is`);
    let level = 0;
    for (const h of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
      const own = Number(h.tagName[1]);
      if (own > level + 1 || (own === 1) !== (level === 0)) faults.push(`${this.name(h)} stands under a heading of level ${level}`);
      level = own;
    }
    for (const e of document.querySelectorAll('svg[role=img]')) {
      const label = (e.getAttribute('aria-labelledby') || '').split(/\s+/).map(id => seen.get(id)?.textContent || '').join(' ');
      const title = e.querySelector(':scope > title')?.textContent || '';
      if (!(e.getAttribute('aria-label') || label || title).trim()) faults.push(`a picture has no name: ${e.outerHTML.slice(0, 90)}`);
    }
    for (const e of document.querySelectorAll('[style], script[src], link, img, iframe, object, embed, [onclick], [onload], [onerror]'))
      faults.push(`no page of ours holds ${e.outerHTML.slice(0, 90)}`);
    for (const t of document.querySelectorAll('table')) {
      const wide = r => [...r.cells].reduce((sum, c) => sum + c.colSpan, 0);
      const head = wide(t.tHead.rows[0]);
      for (const r of t.querySelectorAll(':scope > tbody > tr'))
        if (wide(r) > head) faults.push(`a row of ${wide(r)} columns under a head of ${head}: ${this.name(r)}`);
      if (!t.caption?.textContent.trim()) faults.push(`a table has no caption: ${this.name(t)}`);
    }
    return faults;
  },

  // Nothing but boxes that scroll by themselves is wider than the page.
  width() {
    const page = document.documentElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const out = [...document.body.querySelectorAll('*')].filter(e =>
      e.getBoundingClientRect().right > page.clientWidth + 1 && !e.closest('.vh') && !this.scroller(e));
    return [`the page is ${page.scrollWidth} wide in a window of ${page.clientWidth}: ${out.slice(0, 4).map(e => this.name(e)).join(', ')}`];
  },

  // The nearest box around an element that scrolls sideways.
  scroller(e) {
    for (let up = e.parentElement; up && up !== document.documentElement; up = up.parentElement)
      if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX)) return up;
    return null;
  },

  // Words of the header, of figures, headings, notes and messages can be read: none is cut off or stands outside.
  // With `cells`, those of the tables too.
  cut(cells) {
    const faults = [], page = document.documentElement;
    const where = 'header, footer, .tiles, .small, h2, h3, .lead, .note, .notes, .shown, .empty, .legend, .said, .words' + (cells ? ', td, th' : '');
    const over = new Map();
    const style = e => { if (!over.has(e)) over.set(e, getComputedStyle(e)); return over.get(e); };
    const seen = new Set();
    for (const part of document.querySelectorAll(where)) {
      const words = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      for (let node; (node = words.nextNode());) {
        const e = node.parentElement;
        if (seen.has(node) || !node.data.trim() || e.closest('.vh, .ghost, .skip, svg, button') || !e.checkVisibility()) continue;
        seen.add(node);
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        if (!box.width) continue;
        for (let up = e; up && up !== page; up = up.parentElement) {
          const kind = style(up).overflowX;
          if (kind === 'auto' || kind === 'scroll') break;
          if (kind === 'visible') { if (up === document.body && (box.right > page.clientWidth + 1 || box.left < -1)) faults.push(`outside the page: ${this.name(e)}`); continue; }
          const room = up.getBoundingClientRect();
          if (style(up).textOverflow === 'ellipsis') break;
          if (box.right > room.right + 1 || box.left < room.left - 1 || box.bottom > room.bottom + 2 || box.top < room.top - 2) {
            faults.push(`cut off by ${this.name(up)}: ${this.name(e)}`);
            break;
          }
        }
      }
    }
    return faults;
  },

  // Neighbouring cells of a row, and neighbouring facts, do not cover each other.
  covered() {
    const faults = [];
    const words = e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect(); };
    for (const row of document.querySelectorAll('tr')) {
      if (!row.checkVisibility()) continue;
      const cells = [...row.cells].filter(c => c.textContent.trim() && !c.querySelector('svg, details, .ghost'));
      for (let i = 1; i < cells.length; i++) {
        if (getComputedStyle(cells[i - 1]).position === 'sticky') continue;
        const a = words(cells[i - 1]), b = cells[i].getBoundingClientRect();
        const beside = a.bottom > b.top + 1.5 && b.bottom > a.top + 1.5;
        if (beside && a.right > b.left + 1.5 && a.width && getComputedStyle(cells[i]).position !== 'sticky')
          faults.push(`${this.name(cells[i - 1])} runs into ${this.name(cells[i])}`);
      }
    }
    return faults;
  },

  // How much stood elsewhere before: the sum of what the browser measured while loading.
  async shifts() {
    let sum = 0;
    const what = [];
    const take = list => { for (const s of list) { sum += s.value; for (const at of s.sources || []) what.push(at.node ? this.name(at.node.nodeType === 1 ? at.node : at.node.parentElement || document.body) : 'gone'); } };
    await new Promise(done => {
      const watch = new PerformanceObserver(list => take(list.getEntries()));
      watch.observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => { take(watch.takeRecords()); watch.disconnect(); done(); }, 60);
    });
    return sum < 0.01 ? [] : [`the page moved by ${sum.toFixed(3)} while it was loaded: ${what.slice(0, 4).join(', ')}`];
  },

  // In one of several charts of the same, and not in the one that the reader chose.
  unchosen(e) {
    const pane = e.closest('.pane');
    return pane && !pane.checkVisibility() && [...pane.parentElement.querySelectorAll(':scope > .pane')].some(p => p.checkVisibility());
  },

  // What is seen on screen without opening anything is on paper, whole, and every page of a table has its head.
  paper() {
    const faults = [];
    for (const e of document.querySelectorAll('section, .tiles, .small, .notes, .chart > .plot, .said, header, footer'))
      if (!e.closest('details, td td') && !this.unchosen(e) && !e.checkVisibility()) faults.push(`not on paper: ${this.name(e)}`);
    for (const t of document.querySelectorAll('table')) {
      if (!t.checkVisibility()) { if (!t.closest('details') && !this.unchosen(t)) faults.push(`a table is not on paper: ${this.name(t)}`); continue; }
      if (getComputedStyle(t.tHead).display !== 'table-header-group') faults.push(`a table's head is not repeated: ${this.name(t)}`);
      // Chromium draws the box of a button on the first page of a table only.
      for (const b of t.tHead.querySelectorAll('button')) if (getComputedStyle(b).display !== 'contents') faults.push(`a head is on its first page only: ${this.name(b)}`);
      for (const b of t.tBodies) if (!b.checkVisibility()) faults.push(`a row is not on paper: ${this.name(b)}`);
    }
    for (const e of document.body.querySelectorAll('*'))
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(e).overflowX) && e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && !e.closest('.vh, svg'))
        faults.push(`scrolls on paper: ${this.name(e)}`);
    if (matchMedia('print').matches && getComputedStyle(document.body).colorScheme !== 'light') faults.push('paper is dark');
    return faults;
  },

  // Nothing moves by itself, or would on a click.
  moving() {
    const faults = document.getAnimations().map(a => `runs: ${this.name(a.effect.target)}`);
    for (const e of document.querySelectorAll('body, body *'))
      for (const part of [null, '::before', '::after']) {
        const s = getComputedStyle(e, part);
        const long = text => text.split(',').some(t => parseFloat(t) > 0.01);
        if (long(s.transitionDuration) && s.transitionProperty !== 'none') faults.push(`changes slowly: ${this.name(e)}${part || ''}`);
        if (s.animationName !== 'none' && long(s.animationDuration)) faults.push(`is animated: ${this.name(e)}${part || ''}`);
      }
    if (getComputedStyle(document.documentElement).scrollBehavior === 'smooth') faults.push('scrolls smoothly');
    return faults.slice(0, 20);
  },

  // Opens everything, so that checks see what is inside.
  open() {
    for (const d of document.querySelectorAll('details')) d.open = true;
  },

  // Leaves the first two rows of each table, the first of one inside another, and every row with an element or class that
  // no row before has in that place. axe-core takes minutes for all rows of a long report, and finds the same in each of them.
  shorten() {
    const known = new Set();
    const called = e => e.tagName + '.' + (e.getAttribute('class') || '').replace(/\b[fr]\d+\b/g, '');
    // Inner tables come first, so that rows are compared without the rows that they lose.
    for (const table of [...document.querySelectorAll('table')].reverse()) {
      const outer = table.parentElement.closest('table') ? 'in ' : '';
      [...table.tBodies].forEach((body, at) => {
        const parts = [...body.querySelectorAll('*')].map(e => outer + called(e.parentElement) + called(e));
        if (at >= (outer ? 1 : 2) && parts.every(p => known.has(p))) body.remove();
        else parts.forEach(p => known.add(p));
      });
    }
  },

  // What the page shows: its sections with their headings and tables, each table with the text of its rows. Buttons are
  // those of a script and no part of it.
  outline() {
    const text = e => {
      const copy = e.cloneNode(true);
      copy.querySelectorAll('button, input[type=search], [role=status]').forEach(b => b.remove());
      return copy.textContent.replace(/\s+/g, ' ').trim();
    };
    return [...document.querySelectorAll('section')].map(s => ({
      id: s.id,
      title: text(s.querySelector('h2')),
      blocks: [...s.querySelectorAll('h3')].map(text),
      tables: [...s.querySelectorAll('table')].map(t => ({ seen: t.checkVisibility(), rows: [...t.tBodies].filter(b => b.parentElement === t).map(text) })),
      chips: [...s.querySelectorAll('.chips label')].map(text),
    }));
  },

  async accessible(rules) {
    const found = await axe.run(document, { ...(rules.length && { runOnly: rules }), resultTypes: ['violations'], preload: false, elementRef: false });
    return found.violations.flatMap(v => v.nodes.slice(0, 5).map(n => `axe ${v.id} (${v.nodes.length}): ${n.target.join(' ')}: ${n.html.slice(0, 160)}: ${n.failureSummary.replace(/\s+/g, ' ').slice(0, 220)}`));
  },
})
