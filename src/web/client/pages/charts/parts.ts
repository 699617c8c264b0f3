import { BarChart, PieChart } from 'echarts/charts';
import { DataZoomInsideComponent, DataZoomSliderComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { init } from '../../charts/echarts.ts';

// What this page draws with besides the parts that the big screen has loaded already.
use([BarChart, PieChart, DataZoomInsideComponent, DataZoomSliderComponent]);

export { init };
