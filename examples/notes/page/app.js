// The page: forms and lists. What it shows was decrypted here, and what it sends was encrypted here.
import { openNotebook, WrongPassphrase } from "./notebook.js";

const unlock = document.getElementById("unlock");
const write = document.getElementById("write");
const list = document.getElementById("notes");
const problem = document.getElementById("problem");

let notebook;

unlock.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  try {
    notebook = await openNotebook(new FormData(unlock).get("passphrase"));
  } catch (error) {
    problem.textContent = error instanceof WrongPassphrase ? "This is not the passphrase." : String(error);
    return;
  }
  unlock.reset();
  unlock.hidden = true;
  write.hidden = false;
  await show();
});

write.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(write);
  await notebook.save({ title: form.get("title"), text: form.get("text") });
  write.reset();
  await show();
});

async function show() {
  list.replaceChildren();
  for (const id of await notebook.ids()) {
    const article = document.createElement("article");
    try {
      const { title, text } = await notebook.load(id);
      // As text, never as HTML.
      article.append(Object.assign(document.createElement("h2"), { textContent: title }), Object.assign(document.createElement("p"), { textContent: text }));
    } catch (error) {
      article.textContent = `A note that cannot be opened (${error.name}).`;
    }
    list.append(article);
  }
}
