#include "base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace vitrine::metrics {
namespace {

prometheus::Registry& registry() {
  static prometheus::Registry instance;
  return instance;
}

struct CounterOf final : Counter {
  explicit CounterOf(prometheus::Counter& c) : inner(c) {}
  void add(double by) override { inner.Increment(by); }
  prometheus::Counter& inner;
};
struct GaugeOf final : Gauge {
  explicit GaugeOf(prometheus::Gauge& g) : inner(g) {}
  void set(double to) override { inner.Set(to); }
  void add(double by) override { inner.Increment(by); }
  prometheus::Gauge& inner;
};
struct HistogramOf final : Histogram {
  explicit HistogramOf(prometheus::Histogram& h) : inner(h) {}
  void observe(double value) override { inner.Observe(value); }
  prometheus::Histogram& inner;
};

/// Keeps one wrapper for each underlying metric, so that a reference stays good.
template <class Interface, class Wrapper, class Metric>
Interface& wrapped(Metric& metric) {
  static std::mutex mutex;
  static std::unordered_map<Metric*, std::unique_ptr<Wrapper>> all;
  std::lock_guard lock(mutex);
  auto& slot = all[&metric];
  if (!slot) slot = std::make_unique<Wrapper>(metric);
  return *slot;
}

std::map<std::string, std::string> to_map(Labels labels) { return {labels.begin(), labels.end()}; }

}  // namespace

Counter& counter(std::string_view name, std::string_view help, Labels labels) {
  auto& family = prometheus::BuildCounter().Name(std::string(name)).Help(std::string(help)).Register(registry());
  return wrapped<Counter, CounterOf>(family.Add(to_map(labels)));
}

Gauge& gauge(std::string_view name, std::string_view help, Labels labels) {
  auto& family = prometheus::BuildGauge().Name(std::string(name)).Help(std::string(help)).Register(registry());
  return wrapped<Gauge, GaugeOf>(family.Add(to_map(labels)));
}

Histogram& histogram(std::string_view name, std::string_view help, Labels labels, std::vector<double> bounds) {
  auto& family = prometheus::BuildHistogram().Name(std::string(name)).Help(std::string(help)).Register(registry());
  return wrapped<Histogram, HistogramOf>(family.Add(to_map(labels), bounds));
}

std::string render() { return prometheus::TextSerializer().Serialize(registry().Collect()); }

}  // namespace vitrine::metrics
