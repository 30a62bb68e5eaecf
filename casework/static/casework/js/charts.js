// Draws each [data-chart] from the cells of the table it names, so that both say the same. The table stays below.
(function () {
  "use strict";
  const library = window.echarts;
  if (!library) return;
  const LOOKS = {
    rate: { color: "--green", width: 3, type: "solid", symbol: "circle" },
    expected: { color: "--quiet", width: 2, type: "dashed", symbol: "none" },
    forecast: { color: "--blue", width: 3, type: "dotted", symbol: "emptyCircle" },
    visits: { color: "--green" },
  };
  const colours = getComputedStyle(document.documentElement);
  const isChinese = document.documentElement.lang.indexOf("zh") === 0;
  const drawn = [];

  function colour(name) {
    return colours.getPropertyValue(name).trim();
  }

  function rowsOf(table) {
    return Array.from(table.tBodies[0].rows);
  }

  function valuesOf(table, name) {
    return rowsOf(table).map((row) => {
      const cell = row.querySelector("[data-series='" + name + "']");
      return cell && cell.dataset.value !== "" ? Number(cell.dataset.value) : null;
    });
  }

  // What is forecast goes on from where one stands.
  function joined(ahead, past) {
    const last = past.reduce((found, value, place) => (value === null ? found : place), -1);
    return ahead.map((value, place) => (place === last && ahead.some((one) => one !== null) ? past[place] : value));
  }

  function series(figure, table, name) {
    const look = LOOKS[name];
    const values = valuesOf(table, name);
    return {
      id: name,
      name: table.querySelector("thead [data-series='" + name + "']").textContent.trim(),
      type: figure.dataset.chart,
      data: name === "forecast" ? joined(values, valuesOf(table, "rate")) : values,
      color: colour(look.color),
      symbol: look.symbol,
      symbolSize: 7,
      showAllSymbol: "auto",
      lineStyle: { width: look.width, type: look.type },
      barMaxWidth: 32,
    };
  }

  // The lines across: where one stands in time, and the due date.
  function markers(figure, rows) {
    return ["now", "due"]
      .map((name) => [figure.dataset[name], rows.findIndex((row) => name in row.dataset)])
      .filter(([words, place]) => words && place >= 0)
      .map(([words, place], number) => ({
        xAxis: place,
        label: {
          formatter: words,
          position: "end",
          distance: [0, 4 + 16 * number],
          align: place > 0.7 * rows.length ? "right" : "center", // not over the edge
        },
      }));
  }

  function withUnit(value, unit) {
    return unit === "%" ? value.toFixed(2) + unit : String(value);
  }

  function option(figure, table) {
    const rows = rowsOf(table);
    const unit = figure.dataset.unit || "";
    const all = figure.dataset.series.split(" ").map((name) => series(figure, table, name));
    const shown = all.filter((one) => one.data.some((value) => value !== null));
    if (shown.length) {
      shown[0].markLine = {
        silent: true,
        symbol: "none",
        lineStyle: { color: colour("--amber"), type: "solid", width: 1 },
        label: { color: colour("--ink"), fontSize: 13 },
        data: markers(figure, rows),
      };
    }
    return {
      animation: false,
      aria: { enabled: true },
      title: { show: false, text: figure.dataset.title },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      legend: { show: shown.length > 1, top: 0, left: 0, itemWidth: 34, textStyle: { fontSize: 14, color: colour("--ink") } },
      grid: { top: shown.length > 1 ? 68 : figure.dataset.now ? 40 : 12, left: 4, right: 12, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "axis",
        renderMode: "richText", // as HTML it would bring inline styles, which the page forbids
        confine: true,
        formatter: (points) =>
          [rows[points[0].dataIndex].dataset.label]
            .concat(
              points
                .filter((point) => point.value !== null && point.value !== undefined)
                .map((point) => point.seriesName + " " + withUnit(point.value, unit))
            )
            .join("\n"),
      },
      xAxis: {
        type: "category",
        data: rows.map((row) => row.dataset.tick),
        boundaryGap: figure.dataset.chart === "bar",
        axisLabel: { color: colour("--quiet"), fontSize: 13, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        min: 0,
        max: unit === "%" ? 100 : null,
        minInterval: unit === "%" ? 0 : 1,
        axisLabel: { color: colour("--quiet"), fontSize: 13, formatter: "{value}" + unit },
      },
      series: shown,
    };
  }

  // Paper is as wide as it is: there the style sheet lets the drawing shrink as a whole.
  function scalable(chart) {
    const svg = chart.getDom().querySelector("svg");
    svg.setAttribute("viewBox", "0 0 " + chart.getWidth() + " " + chart.getHeight());
  }

  function draw(figure) {
    const table = document.getElementById(figure.dataset.table);
    const place = figure.querySelector("[data-canvas]");
    place.hidden = false;
    const chart = library.init(place, null, { renderer: "svg", locale: isChinese ? "ZH" : "EN" });
    chart.setOption(option(figure, table));
    scalable(chart);
    drawn.push(chart);
    const behind = table.closest("details");
    if (behind) behind.open = false;
  }

  const figures = Array.from(document.querySelectorAll("[data-chart]"));
  figures.forEach((figure) => {
    figure.hidden = false;
    draw(figure);
  });
  window.addEventListener("resize", () => {
    if (window.matchMedia("print").matches) return;
    drawn.forEach((chart) => {
      chart.resize();
      scalable(chart);
    });
  });
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details[data-behind]").forEach((details) => {
      details.open = true;
    });
  });
})();
