/**
 * The preview: a frame with the real widget, as high as the form, in the chosen width and scaled to fit, and the three
 * choices above it, which change only the preview.
 */
import { announce, byId, debounce, el } from './dom.js';

const MIN_HEIGHT = 100;
const MAX_HEIGHT = 30000; // in case that a page grows with its frame
const LOADING_MAX = 10000; // in milliseconds, after which an empty preview is shown
const PAGE = new URL('preview.html', import.meta.url).href;

/**
 * Sets up the preview. It calls `onConfig(config)` with the configuration that the widget uses.
 * @param {(config: PledgeConfig) => void} onConfig
 */
export const makeStage = (onConfig) => {
  const [stage, sizer] = [byId('stage'), byId('sizer')];
  let frame = byId('preview');
  /** @type {HTMLIFrameElement | null} */
  let next = null; // while the page loads again, the frame that replaces the one in view
  const target = () => next ?? frame;
  const [width, theme, language] = [byId('preview-width'), byId('preview-theme'), byId('preview-language')];
  const status = byId('preview-status');
  /** @type {Studio.Attributes} */
  let attributes = [];
  /** @type {{ id: string, text: string } | null} */
  let file = null;
  /** @type {Studio.Language[]} */
  let languages = [];
  let height = 480;
  let isReady = false; // whether the page in the newest frame has sent `ready`
  let isShown = false; // whether the frame in view shows a form
  let hasFailed = false;
  let wantedPart = ''; // the class of the part of the form that is being edited
  let shownCampaign = ''; // the campaign and language last sent to the frame, as JSON

  const scale = () => {
    const frameWidth = Number(width.value);
    const available = stage.clientWidth;
    const factor = available ? Math.min(1, available / frameWidth) : 1;
    for (const one of [frame, next].filter(Boolean)) {
      one.style.inlineSize = `${frameWidth}px`;
      one.style.blockSize = `${height}px`;
      one.style.transform = factor < 1 ? `scale(${factor})` : '';
    }
    sizer.style.inlineSize = `${Math.floor(frameWidth * factor)}px`;
    sizer.style.blockSize = `${Math.ceil(height * factor)}px`;
    // Where it has a scrollbar of its own, the keyboard can reach it.
    const isScrollable = stage.scrollHeight > stage.clientHeight + 1;
    const names = { tabindex: '0', role: 'region', 'aria-label': 'The preview, which scrolls' };
    for (const [name, value] of Object.entries(names)) {
      if (isScrollable) stage.setAttribute(name, value);
      else stage.removeAttribute(name);
    }
    byId('preview-scale').textContent = factor < 0.995 ? `Shown at ${Math.round(factor * 100)}% so that it fits.` : '';
  };

  /** Scrolls to the part that is being edited. */
  const toPart = () => {
    if (!wantedPart || stage.scrollHeight <= stage.clientHeight) return;
    const part = frame.contentDocument?.querySelector('pledge-widget')?.shadowRoot?.querySelector(`.${wantedPart}`);
    if (!part) return;
    const factor = frame.getBoundingClientRect().width / frame.offsetWidth || 1;
    const { top, bottom } = part.getBoundingClientRect();
    const [from, to] = [stage.scrollTop, stage.scrollTop + stage.clientHeight];
    if (top * factor >= from && bottom * factor <= to) return;
    const isTall = (bottom - top) * factor > stage.clientHeight / 2;
    stage.scrollTop = isTall ? top * factor - 16 : ((top + bottom) * factor - stage.clientHeight) / 2;
  };

  /** The attributes of the widget in the frame: those of the form, overridden by the two choices. */
  const effectiveAttributes = () => {
    const map = new Map(attributes);
    if (theme.value) map.set('theme', theme.value);
    if (language.value) map.set('lang', language.value);
    return [...map];
  };

  const send = () => {
    if (!isReady) return;
    const message = { to: 'preview', attributes: effectiveAttributes(), file };
    target().contentWindow?.postMessage(message, location.origin);
  };

  /** Puts the frame that has loaded in the place of the one in view. */
  const replace = () => {
    frame.remove();
    frame = next;
    next = null;
    frame.className = '';
    frame.id = 'preview';
  };

  const reload = () => {
    isReady = false;
    hasFailed = false;
    announce(status);
    next?.remove();
    next = null;
    if (isShown) {
      // The old form stays in view until the new one can be seen.
      next = /** @type {HTMLIFrameElement} */ (frame.cloneNode());
      next.removeAttribute('id');
      next.className = 'next';
      next.src = PAGE;
      sizer.append(next);
      const loading = next;
      setTimeout(() => { if (loading === next) replace(); }, LOADING_MAX);
      return;
    }
    try {
      frame.contentWindow.location.replace(PAGE);
    } catch { // the frame shows another site
      frame.src = PAGE;
    }
  };

  const show = () => {
    const now = JSON.stringify(effectiveAttributes().filter(([name]) => name === 'campaign' || name === 'lang'));
    const hasChanged = now !== shownCampaign;
    shownCampaign = now;
    if (hasChanged) announce(status);
    if (hasFailed && hasChanged) reload();
    else send();
  };
  const showSoon = debounce(450, show);

  const reviewed = () => {
    const chosen = languages.find(({ tag }) => tag === language.value);
    byId('preview-reviewed').textContent = chosen?.reviewed === 'no'
      ? `No native speaker has reviewed the form’s own ${chosen.english} words yet.` : '';
  };

  const languageName = () => {
    const tag = new Map(effectiveAttributes()).get('lang');
    return languages.find((known) => known.tag === tag)?.english ?? tag ?? 'this language';
  };

  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== target().contentWindow || origin !== location.origin || data?.from !== 'preview') return;
    if (data.type === 'ready') {
      isReady = true;
      send();
    } else if (data.type === 'size') {
      isShown = true;
      if (next) replace();
      height = Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, Math.round(data.height) || MIN_HEIGHT));
      scale();
      toPart();
    } else if (data.type === 'config') {
      onConfig(data.config);
    } else if (data.type === 'missing') {
      const where = `in ${languageName()} on this server (${data.address})`;
      announce(status, `There is no campaign file for this name ${where}.`);
    } else if (data.type === 'failed') {
      const { code, part, reason } = data.detail;
      hasFailed = code === 'load-failed';
      if (hasFailed && part !== 'campaign') {
        announce(status, `The preview could not be loaded (${part}: ${reason}). Reload this page to try again.`);
      }
    } else if (data.type === 'left') {
      announce(status, `On your page the visitor would now go to ${data.address}`);
    }
  });

  width.addEventListener('change', scale);
  theme.addEventListener('change', show);
  language.addEventListener('change', () => {
    reviewed();
    show();
  });
  new ResizeObserver(scale).observe(stage);
  // On a narrow screen, the narrow preview is scaled down least.
  width.value = stage.clientWidth >= 440 ? '480' : '320';
  scale();
  frame.src = PAGE;

  return {
    /**
     * Scrolls the preview to the facts or another part of the form, as far as it has a scrollbar of its own.
     * @param {string} part
     */
    scrollTo: (part) => { wantedPart = part; },
    /** @param {Studio.Language[]} list */
    languages: (list) => {
      languages = list;
      language.append(...list.map(({ tag, name, dir }) => el('option', { value: tag, lang: tag, dir }, name)));
    },
    /**
     * Shows these attributes. While the campaign's name is being typed (`isTyping`), waits for a pause.
     * @param {Studio.Attributes} list
     * @param {boolean} [isTyping]
     */
    attributes: (list, isTyping) => {
      attributes = list;
      if (isTyping) showSoon();
      else {
        showSoon.stop();
        show();
      }
    },
    /**
     * Shows an edited campaign file, or none, with these attributes. Another file reloads the frame.
     * @param {{ id: string, text: string } | null} edited
     * @param {Studio.Attributes} list
     */
    file: (edited, list) => {
      attributes = list;
      showSoon.stop();
      if (edited?.text === file?.text && edited?.id === file?.id) return show();
      file = edited;
      reload();
    },
  };
};
