// How every bench shows its figures: a table for people, one JSON object of the same shape everywhere for machines.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::app {

struct BenchResult {
  std::string name;
  double value = 0;
  std::string unit;
  std::string reference;       ///< the peer or limit; empty: none, and the next two mean nothing
  double reference_value = 0;  ///< in the same unit
  double ratio = 0;            ///< value / reference_value, or what the name says
};

/// Prints to standard output.
void print_bench(std::string_view bench, const std::vector<BenchResult>& results, bool json);

}  // namespace vitrine::app
