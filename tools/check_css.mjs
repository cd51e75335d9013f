// Fails where a style sheet does not parse: the build itself would ship it unchanged, and say
// nothing. Also where one is neither imported nor, in the folder later/, named by the code that it
// comes with. Usage: node tools/check_css.mjs style/main.css app/src/components/page_style.rs
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { bundle, transform } from 'lightningcss';

const [main, code] = process.argv.slice(2);
if (main === undefined || code === undefined) {
  console.error('Name the main style sheet, and the code that the others come with.');
  process.exit(2);
}

const complaints = [];
const complain = (file, error) => {
  const line = error.loc?.line;
  complaints.push(`${relative('', file)}${line === undefined ? '' : `:${line}`}: ${error.message}`);
};

const directory = dirname(resolve(main));
const within = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.css'))
    .map((name) => join(folder, name));
const sheets = [...within(directory), ...within(join(directory, 'later'))];

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
const named = readFileSync(code, 'utf8');
for (const filename of sheets) {
  const name = relative(directory, filename);
  const isNamed = name.startsWith('later') ? named.includes(`style/${name}"`) : imported.includes(`"${name}"`);
  if (filename !== resolve(main) && !isNamed) {
    complain(filename, new Error(`neither imported by ${relative('', main)} nor named by ${relative('', code)}`));
  }
}

for (const complaint of new Set(complaints)) console.error(complaint);
process.exit(complaints.length > 0 ? 1 : 0);
