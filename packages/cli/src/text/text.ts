// The type of the catalogue: English is the source, and every other language must have the same keys or it does not compile.

import type { en } from './en.ts';

export type Text = typeof en;
