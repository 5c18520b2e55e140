// Defines <pledge-widget>; its files come from beside pledge.mjs.
import { define } from '../pledge.mjs';

define();
