// Fails where a style sheet does not parse: the build itself would ship it unchanged, and say
// nothing. Usage: node tools/check_css.mjs style/main.css
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { bundle, transform } from 'lightningcss';

const [main] = process.argv.slice(2);
if (main === undefined) {
  console.error('Name the main style sheet.');
  process.exit(2);
}

const complaints = [];
const complain = (file, error) => {
  const line = error.loc?.line;
  complaints.push(`${relative('', file)}${line === undefined ? '' : `:${line}`}: ${error.message}`);
};

const directory = dirname(resolve(main));
const sheets = readdirSync(directory)
  .filter((name) => name.endsWith('.css'))
  .map((name) => join(directory, name));

for (const filename of sheets) {
  try {
    const { warnings } = transform({ filename, code: readFileSync(filename) });
    for (const warning of warnings) complain(filename, warning);
  } catch (error) {
    complain(filename, error);
  }
}

try {
  bundle({ filename: resolve(main) });
} catch (error) {
  complain(error.fileName ?? main, error);
}

const imported = readFileSync(main, 'utf8');
for (const filename of sheets) {
  const name = relative(directory, filename);
  if (filename !== resolve(main) && !imported.includes(`"${name}"`)) {
    complain(filename, new Error(`not imported by ${relative('', main)}`));
  }
}

for (const complaint of new Set(complaints)) console.error(complaint);
process.exit(complaints.length > 0 ? 1 : 0);
