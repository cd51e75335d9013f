/// What is used from npm, from where the stories have it already.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../end2end/package.json', import.meta.url));

export const { chromium } = require('@playwright/test');
export const { io } = require('socket.io-client');
