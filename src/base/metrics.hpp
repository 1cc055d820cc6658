// Counters, gauges and histograms in Prometheus text format. Fetch a metric once and keep the reference.
// Labels hold only fixed words (a route pattern, an outcome), never ids or anything personal.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine::metrics {

using Labels = std::initializer_list<std::pair<std::string, std::string>>;

/// All three are thread-safe and live as long as the process.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double by = 1) = 0;
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double to) = 0;
  virtual void add(double by) = 0;
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

/// The one named `name` with these labels, made on first use.
[[nodiscard]] Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
[[nodiscard]] Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
[[nodiscard]] Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {},
                                   std::vector<double> bounds = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30});

/// Everything, in Prometheus' text exposition format.
[[nodiscard]] std::string render();

}  // namespace vitrine::metrics
