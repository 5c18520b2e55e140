/**
 * The preview: the frame with the real widget, as wide as asked and scaled to what there is, and the three choices above
 * it, which change nothing but the preview.
 */
import { byId, el, paused, say } from './dom.js';

const LEAST = 200;
const MOST = 4000;
const PAGE = new URL('preview.html', import.meta.url).href;

/** Makes the preview work; `configured(config)` is called with the configuration that holds in it. */
export const makeStage = (configured) => {
  const [frame, stage, sizer] = [byId('preview'), byId('stage'), byId('sizer')];
  const [width, theme, language, status] = [byId('preview-width'), byId('preview-theme'), byId('preview-language'), byId('preview-status')];
  let attributes = [];
  let file = null;
  let languages = [];
  let height = 480;
  let isStanding = false; // the page in the frame has spoken
  let hasFailed = false;
  let places = ''; // campaign and language that the frame was told last

  const scale = () => {
    const wide = Number(width.value);
    const room = stage.clientWidth;
    const factor = room ? Math.min(1, room / wide) : 1;
    frame.style.inlineSize = `${wide}px`;
    frame.style.blockSize = `${height}px`;
    frame.style.transform = factor < 1 ? `scale(${factor})` : '';
    sizer.style.inlineSize = `${Math.floor(wide * factor)}px`;
    sizer.style.blockSize = `${Math.ceil(height * factor)}px`;
    byId('preview-scale').textContent = factor < 0.995 ? `Shown at ${Math.round(factor * 100)} percent, so that all of it fits.` : '';
  };

  /** What the widget in the frame gets: what the form says, and the two choices over it. */
  const wanted = () => {
    const map = new Map(attributes);
    if (theme.value) map.set('theme', theme.value);
    if (language.value) map.set('lang', language.value);
    return [...map];
  };

  const send = () => {
    if (isStanding) frame.contentWindow?.postMessage({ to: 'preview', attributes: wanted(), file }, location.origin);
  };

  const reload = () => {
    isStanding = false;
    hasFailed = false;
    say(status);
    try {
      frame.contentWindow.location.replace(PAGE);
    } catch { // it has gone elsewhere
      frame.src = PAGE;
    }
  };

  const show = () => {
    const now = JSON.stringify(wanted().filter(([name]) => name === 'campaign' || name === 'lang'));
    const hasMoved = now !== places;
    places = now;
    if (hasMoved) say(status);
    if (hasFailed && hasMoved) reload();
    else send();
  };
  const showSoon = paused(450, show);

  const reviewed = () => {
    const chosen = languages.find(({ tag }) => tag === language.value);
    byId('preview-reviewed').textContent = chosen?.reviewed === 'no'
      ? `The form’s own ${chosen.english} words have not been reviewed by a native speaker yet.` : '';
  };

  const languageName = () => {
    const tag = new Map(wanted()).get('lang');
    return languages.find((known) => known.tag === tag)?.english ?? tag ?? 'this language';
  };

  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== location.origin || data?.from !== 'preview') return;
    if (data.type === 'ready') {
      isStanding = true;
      send();
    } else if (data.type === 'size') {
      height = Math.min(MOST, Math.max(LEAST, Math.round(data.height) || LEAST));
      scale();
    } else if (data.type === 'config') {
      configured(data.config);
    } else if (data.type === 'missing') {
      say(status, `There is no campaign file for this name in ${languageName()} on this server (${data.address}).`);
    } else if (data.type === 'failed') {
      hasFailed = data.detail.code === 'load-failed';
      if (hasFailed && data.detail.part !== 'campaign') say(status, `The preview could not be loaded (${data.detail.part}: ${data.detail.reason}). Reload this page to try again.`);
    } else if (data.type === 'left') {
      say(status, `On your page the visitor would now go to ${data.address}`);
    }
  });

  width.addEventListener('change', scale);
  theme.addEventListener('change', show);
  language.addEventListener('change', () => {
    reviewed();
    show();
  });
  new ResizeObserver(scale).observe(stage);
  // On a narrow screen the narrow one is the most readable.
  width.value = stage.clientWidth >= 440 ? '480' : '320';
  scale();
  frame.src = PAGE;

  return {
    languages: (list) => {
      languages = list;
      language.append(...list.map(({ tag, name, dir }) => el('option', { value: tag, lang: tag, dir }, name)));
    },
    /** Shows these attributes; at once, but the name of a campaign only after a pause. */
    attributes: (list, isMoving) => {
      attributes = list;
      if (isMoving) showSoon();
      else {
        showSoon.stop();
        show();
      }
    },
    /** Shows an edited campaign file, or none: a new page in the frame. */
    file: (edited) => {
      if (edited?.text === file?.text && edited?.id === file?.id) return;
      file = edited;
      reload();
    },
  };
};
