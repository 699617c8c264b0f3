/** The style of the page that asks for the token: the colours of the others, none of whose files are sent before. */
export const loginStyle = `:root {
  color-scheme: dark light;
  font-size: clamp(16px, min(100vw / 120, 100vh / 67.5), 64px);
  --ground: #0b0f17;
  --panel: #121826;
  --line: #243044;
  --edge: #6b7a92;
  --text: #e8edf5;
  --muted: #8a97ab;
  --accent: #8f9bff;
  --on-accent: #0b0f17;
  --bad: #ff5c7a;
}
@media (prefers-color-scheme: light) {
  :root {
    --ground: #f6f7f9;
    --panel: #ffffff;
    --line: #dde2ea;
    --edge: #7d8a9c;
    --text: #121826;
    --muted: #5b6778;
    --accent: #4c5bd6;
    --on-accent: #ffffff;
    --bad: #c92a4b;
  }
}
* {
  box-sizing: border-box;
}
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  display: grid;
  place-items: center;
  padding: 1rem;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.5 -apple-system, "Segoe UI", Inter, Roboto, "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC",
    "Microsoft YaHei", system-ui, sans-serif;
}
main {
  width: min(26rem, 100%);
  padding: 2rem;
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 6px;
}
h1 {
  margin: 0 0 0.5rem;
  font-size: 1.25rem;
  line-height: 1.4;
}
#explanation {
  margin: 0 0 1.5rem;
  color: var(--muted);
  font-size: 0.875rem;
}
#fault {
  margin: 0.5rem 0 0;
  color: var(--bad);
  font-size: 0.875rem;
}
label {
  display: block;
  margin-bottom: 0.25rem;
  font-size: 0.875rem;
}
input {
  width: 100%;
  height: 2.75rem;
  padding: 0 0.75rem;
  background: var(--ground);
  color: inherit;
  border: 1px solid var(--edge);
  border-radius: 6px;
  font: inherit;
}
button {
  width: 100%;
  height: 2.75rem;
  margin-top: 1rem;
  background: var(--accent);
  color: var(--on-accent);
  border: 0;
  border-radius: 6px;
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}
`;
