// Draws each <canvas data-chart="id"> from the JSON in #id, in the colours of the theme. Needs chart.umd.min.js before it.

const { Chart } = globalThis;
const DASHES = [[], [5, 4], [2, 3]]; // lines are told apart without their colours
const drawn = new Map();

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function settings(chart) {
  const text = colour("--console-chart-text");
  const grid = colour("--console-chart-grid");
  const bars = chart.kind === "bar";
  const words = { ticks: { color: text, maxTicksLimit: bars ? 30 : 8, maxRotation: bars && !chart.across ? 60 : 0, autoSkip: !chart.across }, grid: { display: false }, border: { color: grid } };
  const numbers = {
    beginAtZero: true,
    max: chart.maximum,
    suggestedMax: 4,
    ticks: { color: text, precision: 0 },
    grid: { color: grid },
    border: { display: false },
  };
  return {
    type: bars ? "bar" : "line",
    data: {
      labels: chart.across ? chart.labels.map(lines) : chart.labels,
      datasets: chart.series.map((series, index) => ({
        label: series.name,
        data: series.values,
        borderColor: colour(`--console-chart-${index + 1}`),
        backgroundColor: colour(bars ? `--console-chart-${index + 1}` : `--console-chart-${index + 1}-soft`),
        borderDash: bars ? [] : DASHES[index % DASHES.length],
        borderWidth: bars ? 0 : 2,
        borderRadius: bars ? 4 : 0,
        maxBarThickness: 24,
        categoryPercentage: 0.7,
        pointRadius: 0,
        pointHitRadius: 12,
        fill: !bars && index === 0,
        cubicInterpolationMode: "monotone",
      })),
    },
    options: {
      locale: document.documentElement.lang,
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: chart.across ? "y" : "x",
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: chart.series.length > 1, align: "end", labels: { color: text, boxWidth: 14, boxHeight: 2 } },
      },
      scales: chart.across ? { x: numbers, y: words } : { x: words, y: numbers },
    },
  };
}

/** A label in lines of some twenty letters: Chart.js gives words beside bars a third of the width and cuts the rest. */
function lines(label) {
  return String(label)
    .split(" ")
    .reduce((made, word) => {
      const last = made.at(-1);
      return last !== undefined && last.length + word.length < 20 ? [...made.slice(0, -1), `${last} ${word}`] : [...made, word];
    }, []);
}

function draw() {
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    const chart = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    // Each bar keeps its words, so many bars need a higher chart
    if (chart.across && chart.labels.length > 6) canvas.parentElement.style.height = `${chart.labels.length * 2.5}rem`;
    drawn.get(canvas)?.destroy();
    drawn.set(canvas, new Chart(canvas, settings(chart)));
  }
}

document.addEventListener("themechange", draw);
draw();
