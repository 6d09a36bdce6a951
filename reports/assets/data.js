/* Data blocks: base64 of gzipped JSON in inert elements, unpacked when they are needed. */

const TABLES = ["status", "criterion", "cause", "persona", "strategy", "outcome"];
const BLOCK = 64;

function bytes(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

async function unpack(id) {
  const packed = document.getElementById(id).textContent;
  const stream = new Blob([bytes(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const blocks = new Map();

/* The whole conversation of a row; null where the file holds only its preview. */
async function detailOf(data, row) {
  const place = data.detail[row];
  if (place < 0) return null;
  const block = Math.floor(place / BLOCK);
  if (!blocks.has(block)) blocks.set(block, unpack(`block-${block}`));
  return (await blocks.get(block))[place % BLOCK];
}

function lines(joined, count) {
  return count ? joined.split("\n") : [];
}

async function loadRows() {
  const data = await unpack("rows");
  const count = data.status.length;
  for (const name of ["ids", "questions", "answers"]) data[name] = lines(data[name], count);
  data.count = count;
  data.haystack = data.ids.map((id, i) => `${id} ${data.questions[i]} ${data.answers[i]}`.toLowerCase());
  /* What needs attention first; the tier's order within. */
  data.order = [...data.ids.keys()].sort((a, b) => data.status[a] - data.status[b] || a - b);
  return data;
}

/* A row's name in the address: the prompt, and which sending of it where that is not the first counted one. */
function rowKey(data, row) {
  const id = data.ids[row];
  return data.counted[row] ? id : `${id}~${data.tables.arm[data.arm[row]][0]}~${data.attempt[row]}`;
}
