// The part of `vitrine bench feed` that asks the whole service: `vitrine serve` over a data directory filled for it.
#pragma once
#include <cstdint>

#include "base/result.hpp"

namespace vitrine::app {

struct FeedHttpFigures {
  std::int64_t videos = 0;
  double fill_s = 0;           ///< making the data directory; nothing of the service is measured by it
  double start_folding_s = 0;  ///< until ready, reading every record
  double start_s = 0;          ///< until ready, from a snapshot
  double pages_per_s = 0;      ///< as fast as answers come
  double offered_per_s = 0;    ///< half of that, for the next three
  double page_p50_ms = 0, page_p99_ms = 0;
  double nothing_p99_ms = 0;  ///< of /healthz, asked for at the same times: what asking itself costs here
};

/// Runs for about a minute. The service keeps to one core and who asks to another, if there are two.
[[nodiscard]] Result<FeedHttpFigures> measure_feed_http(std::int64_t videos);

}  // namespace vitrine::app
