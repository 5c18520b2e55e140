// Defines <pledge-widget>. Its files are in the same folder as pledge.mjs.
import { define } from '../pledge.mjs';

define();
