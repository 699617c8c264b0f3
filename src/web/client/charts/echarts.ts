import { LineChart } from 'echarts/charts';
import { GridComponent, TitleComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

// Only what the chart draws with; the whole of ECharts would be three times as much to load.
use([LineChart, GridComponent, TitleComponent, TooltipComponent, CanvasRenderer]);

export { init };
