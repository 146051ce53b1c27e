// Unpacks what the package @sparticuz/chromium brings: node unpack.mjs <its bin folder> <folder to write to>.
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [, , from, to] = process.argv;
for (const name of ["chromium", "al2023.tar", "fonts.tar"]) {
  await pipeline(
    createReadStream(join(from, `${name}.br`)),
    createBrotliDecompress(),
    createWriteStream(join(to, name), { mode: 0o755 }),
  );
}
