(function () {
  'use strict';
  // The waiting page asks, at the address that "Check now" leads to, how things stand:
  // {"wait": seconds until it may ask again, "left": seconds of the time, "more": it can be
  // longer}, or {"done": true}, and then it goes there. It asks once at a time, and not
  // while nobody sees it. It never moves the focus.
  const told = document.currentScript.dataset;
  const check = document.getElementById('check');
  const said = document.getElementById('said');
  const left = document.getElementById('left');
  const more = document.getElementById('more');
  const units = told.units.split('|');
  const warning = 25; // seconds before the end: twenty of them are for the person
  let end = told.left ? Date.now() + told.left * 1000 : Infinity;
  let extensible = more !== null;
  let asking = null; // an AbortController
  let timer, begun = 0, failures = 0, offline = false, still = false, warned = false;

  function span(seconds) {
    const minutes = seconds > 90 ? Math.ceil(seconds / 60) : 0;
    const n = minutes || seconds;
    return n + ' ' + units[(minutes ? 2 : 0) + (n === 1 ? 0 : 1)];
  }

  function remaining() { return Math.max(1, Math.ceil((end - Date.now()) / 1000)); }

  function say(text, unseen) {
    said.className = unseen ? 'unseen' : '';
    said.textContent = text;
  }

  // offer shows the button, and hides it unless somebody is just there.
  function offer(shown) {
    if (more && (shown || more !== document.activeElement)) more.form.hidden = !shown;
  }

  function tick() {
    if (end === Infinity) return;
    const limited = told.limited.replace('{limit}', span(remaining()));
    if (left && left.textContent !== limited) left.textContent = limited;
    if (remaining() > warning) { warned = false; return; }
    if (warned) return;
    warned = true;
    offer(extensible);
    say(extensible ? told.soon : told.last);
  }

  function later(seconds) {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, seconds * 1000);
  }

  // request leads to whether there is something to wait for; null: nobody knows.
  function request(address, options) {
    if (asking) asking.abort();
    const mine = asking = new AbortController();
    begun = Date.now();
    const patience = setTimeout(function () { mine.abort(); }, 20000);
    options.headers = { Accept: 'application/json' };
    options.cache = 'no-store';
    options.redirect = 'manual';
    options.signal = mine.signal;
    return fetch(address, options).then(function (answer) {
      const page = { done: true }; // it says what there is, also where the answer is not one of ours
      if (answer.status >= 500 || answer.status === 429) throw answer.status;
      return answer.ok ? answer.json().catch(function () { return page; }) : page;
    }).then(function (answer) {
      if (asking === mine) heard(answer);
      return !answer.done;
    }).catch(function () {
      if (asking === mine) failed();
      return null;
    }).then(function (waits) {
      clearTimeout(patience);
      return waits;
    });
  }

  function heard(answer) {
    if (answer.done) { // and nothing is asked any more
      location.replace(check.href);
      return;
    }
    asking = null;
    end = answer.left ? Date.now() + answer.left * 1000 : end;
    extensible = more !== null && answer.more === true;
    if (!extensible) offer(false);
    if (offline) say(told.again);
    else if (!still) say(told.still, true);
    still = true;
    failures = 0;
    offline = false;
    tick();
    later(Math.min(answer.wait || 5, remaining()));
  }

  function failed() {
    asking = null;
    failures++;
    if (failures === 3) lost();
    later(Math.min(30, Math.pow(2, failures)));
  }

  function lost() {
    offline = true;
    say(told.offline);
  }

  function ask() {
    if (!asking && !document.hidden) request(check.href, {});
  }

  function forget() {
    if (asking) asking.abort();
    asking = null;
    begun = 0;
  }

  // back is for somebody who looks again: what was asked before may never be answered.
  // Browsers say so by several events at once.
  function back() {
    if (document.hidden) { clearTimeout(timer); return; }
    if (Date.now() - begun < 1000) { later(1); return; }
    forget();
    tick();
    ask();
  }

  document.addEventListener('visibilitychange', back);
  window.addEventListener('online', back);
  window.addEventListener('pagehide', forget);
  window.addEventListener('pageshow', function (event) { if (event.persisted) back(); });
  if (more) {
    offer(false);
    more.form.addEventListener('submit', function (event) {
      event.preventDefault();
      clearTimeout(timer);
      request(more.form.action, { method: 'POST', body: new URLSearchParams(new FormData(more.form)) })
        .then(function (waits) {
          if (waits) say(told.extended);
          else if (waits === null) lost();
        });
    });
  }
  setInterval(tick, 1000);
  later(Number(told.wait));
})();
