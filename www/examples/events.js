// Lists every event of the widget with its detail.
for (const name of ['ready', 'view', 'start', 'submit', 'signed', 'sent', 'error', 'share']) {
  document.addEventListener(`pledge-${name}`, (/** @type {CustomEvent} */ event) => {
    const log = document.querySelector('.log');
    const line = document.createElement('p');
    line.textContent = `${event.type} ${JSON.stringify(event.detail)}`;
    log.append(line);
    log.scrollTop = log.scrollHeight;
  });
}
