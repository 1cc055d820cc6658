// What the router holds, for the server: endpoints by path, prepared for matching.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "http/server.hpp"

namespace vitrine::http {

inline constexpr std::size_t method_count = 7;

/// Counts of one route. References of the metrics room live as long as the process.
struct RouteMetrics {
  std::array<metrics::Counter*, 5> by_status_class{};
  metrics::Histogram* seconds = nullptr;

  explicit RouteMetrics(std::string_view pattern, std::string_view method);
  void record(int status, double took_seconds) const;
};

/// One method of one path: exactly one of the two handlers is set.
struct Endpoint {
  std::string pattern;
  Handler handler;
  UploadHandler upload;
  RouteOptions options;
  std::vector<std::string> parameter_names;
  std::unique_ptr<RouteMetrics> metrics;
};

/// One segment of a pattern: literal text, "prefix{name}suffix", or "{name*}" for the rest.
struct Segment {
  enum class Kind { literal, parameter, rest };
  Kind kind = Kind::literal;
  std::string text;  ///< a literal, or a parameter's prefix
  std::string suffix;
};

struct PathEntry {
  std::vector<Segment> segments;
  std::array<std::unique_ptr<Endpoint>, method_count> endpoints;
};

struct Match {
  const Endpoint* endpoint = nullptr;  ///< null: 404, or 405 when allow_mask is not 0
  unsigned allow_mask = 0;             ///< a bit for each method some matching path has
};

struct Router::Impl {
  std::vector<std::unique_ptr<PathEntry>> paths;  ///< the most specific first
  std::unordered_map<std::string, const PathEntry*> exact;
  Endpoint fallback;
  std::function<std::optional<Response>(const Request&, std::string_view)> guard;
  std::function<std::optional<Response>(const Request&)> front;
  Headers default_headers;

  Endpoint& add(Method method, std::string_view pattern);
  /// Finds the endpoint for a request's path and method, and sets its parameters.
  [[nodiscard]] Match match(Request& request) const;
  /// Makes the metrics of every route; called once by the server.
  void prepare();
};

/// "GET, HEAD, POST" of a mask; GET brings HEAD, and OPTIONS is always there.
[[nodiscard]] std::string allow_field(unsigned mask);

}  // namespace vitrine::http
