/** The shortest program that uploads a document, waits for it and reads its text. */

/** @typedef {{ name: string, code: string, needs?: string }} Snippet */

/**
 * @param {string} origin
 * @param {string} user
 * @returns {Snippet[]}
 */
export function snippets(origin, user) {
  return [curl(origin, user), javascript(origin, user), python(origin, user), rust(origin, user)];
}

/** @type {(origin: string, user: string) => Snippet} */
const curl = (origin, user) => ({
  name: "curl",
  code: `API=${origin}
USER_ID=${user}

TASK=$(curl -s -F file=@document.pdf -F userId=$USER_ID $API/api/tasks |
  sed 's/.*"taskId":"\\([^"]*\\)".*/\\1/')

until curl -s "$API/api/tasks/$TASK?userId=$USER_ID" |
  grep -Eq '"status":"(completed|failed|cancelled)"'; do sleep 1; done

curl -s "$API/api/tasks/$TASK/text?userId=$USER_ID"`,
});

/** @type {(origin: string, user: string) => Snippet} */
const javascript = (origin, user) => ({
  name: "JavaScript",
  code: `import { openAsBlob } from "node:fs";

const api = "${origin}";
const userId = "${user}";

const form = new FormData();
form.append("file", await openAsBlob("document.pdf"), "document.pdf");
const upload = await fetch(\`\${api}/api/tasks?userId=\${userId}\`, { method: "POST", body: form });
const { taskId } = (await upload.json()).data;

const live = new WebSocket(\`\${api.replace("http", "ws")}/ws?userId=\${userId}\`);
live.onmessage = async ({ data }) => {
  const { type, data: update } = JSON.parse(data);
  if (type !== "task_update" || update.taskId !== taskId) return;
  console.log(update.message);
  if (update.status !== "completed") return;
  live.close();
  console.log(await (await fetch(\`\${api}/api/tasks/\${taskId}/text?userId=\${userId}\`)).text());
};`,
  needs: "Node 22",
});

/** @type {(origin: string, user: string) => Snippet} */
const python = (origin, user) => ({
  name: "Python",
  code: `import time
import requests

api = "${origin}"
user = {"userId": "${user}"}

with open("document.pdf", "rb") as file:
    answer = requests.post(f"{api}/api/tasks", params=user, files={"file": file})
answer.raise_for_status()
task = answer.json()["data"]["taskId"]

while True:
    state = requests.get(f"{api}/api/tasks/{task}", params=user).json()["data"]["task"]
    if state["status"] in ("completed", "failed", "cancelled"):
        break
    time.sleep(1)

for page in requests.get(f"{api}/api/tasks/{task}/pages", params=user).json()["data"]["pages"]:
    for block in page["blocks"]:
        for line in block["lines"]:
            print(page["number"], line["text"])`,
  needs: "requests",
});

/** @type {(origin: string, user: string) => Snippet} */
const rust = (origin, user) => ({
  name: "Rust",
  code: `use reqwest::blocking::{Client, multipart::Form};
use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let api = "${origin}";
    let user = [("userId", "${user}")];
    let http = Client::new();

    let form = Form::new().file("file", "document.pdf")?;
    let upload = http.post(format!("{api}/api/tasks")).query(&user).multipart(form);
    let answer: Value = upload.send()?.error_for_status()?.json()?;
    let task = answer["data"]["taskId"].as_str().ok_or("no task")?;

    loop {
        let url = format!("{api}/api/tasks/{task}");
        let state: Value = http.get(url).query(&user).send()?.json()?;
        match state["data"]["task"]["status"].as_str() {
            Some("completed" | "failed" | "cancelled") => break,
            _ => std::thread::sleep(std::time::Duration::from_secs(1)),
        }
    }
    let url = format!("{api}/api/tasks/{task}/text");
    println!("{}", http.get(url).query(&user).send()?.text()?);
    Ok(())
}`,
  needs: "reqwest (blocking, json, multipart, query), serde_json",
});
