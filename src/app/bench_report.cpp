#include "app/bench_report.hpp"

#include <fstream>
#include <iostream>
#include <thread>

#include "base/json.hpp"

#ifndef VITRINE_COMMIT
#define VITRINE_COMMIT "unknown"
#endif

namespace vitrine::app {
namespace {

/// "AMD EPYC, 2 cores"
std::string machine() {
  std::ifstream file("/proc/cpuinfo");
  std::string model = "unknown CPU";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    model = line.substr(std::min(line.find(':') + 2, line.size()));
    break;
  }
  return fmt::format("{}, {} cores", model, std::thread::hardware_concurrency());
}

void print_json(std::string_view bench, const std::vector<BenchResult>& results) {
  json::array items;
  for (const auto& result : results) {
    json::object item{{"name", result.name}, {"value", result.value}, {"unit", result.unit}};
    if (!result.reference.empty()) {
      item["reference"] = result.reference;
      item["reference_value"] = result.reference_value;
      item["ratio"] = result.ratio;
    }
    items.push_back(std::move(item));
  }
  json::object document{{"bench", bench}, {"commit", VITRINE_COMMIT}, {"machine", machine()}};
  document["results"] = std::move(items);
  std::cout << json::serialize(document) << "\n";
}

}  // namespace

void print_bench(std::string_view bench, const std::vector<BenchResult>& results, bool json) {
  if (json) {
    print_json(bench, results);
    return;
  }
  std::cout << fmt::format("bench {} on {} (commit {})\n", bench, machine(), VITRINE_COMMIT);
  std::cout << fmt::format("{:<24}{:>14} {:<12}{:>14}  {:<24}{:>8}\n", "", "value", "unit", "reference", "", "ratio");
  for (const auto& result : results) {
    std::cout << fmt::format("{:<24}{:>14.3f} {:<12}", result.name, result.value, result.unit);
    if (!result.reference.empty())
      std::cout << fmt::format("{:>14.3f}  {:<24}{:>8.3f}", result.reference_value, result.reference, result.ratio);
    std::cout << "\n";
  }
}

}  // namespace vitrine::app
