import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { currentTheme } from './preferences.ts';
import { feedSocket } from './state/feed-socket.ts';
import { onPageReturn } from './state/page-return.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/header.css';
import './styles/frame.css';
import './styles/layout.css';
import './styles/figures.css';
import './styles/chart.css';
import './styles/bars.css';
import './styles/funnel.css';
import './styles/strip.css';
import './styles/dialog.css';
import './styles/kiosk.css';
import './styles/notices.css';

// Before the first paint, so that a light page does not flash dark.
document.documentElement.dataset.theme = currentTheme();

const url = new URL('ws', document.baseURI);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
url.search = '';
url.hash = '';

const root = document.getElementById('root');
if (root) createRoot(root).render(<App feed={feedSocket(url, onPageReturn)} />);
