// `vitrine serve --demo`: fills an empty service with clips, people and some days of watching, all through its public
// API, so that a newcomer sees a living feed.
//
// Operation: a thread of its own. Clips are made by FFmpeg's signal sources (demo_script.hpp), uploaded by the topics'
// creators in waves of one clip a topic. After each wave a day of watching is played: every person takes pages of the
// For You feed and watches, likes and follows by hidden tastes. The same seed gives the same people and tastes. What is
// done is kept in DATA/demo.json, so that a restart goes on where the last run ended.
// Limitations: the people share one random password, kept in that file; nobody can sign in as them without it.
#pragma once
#include <memory>
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"

namespace vitrine::app {

class Demo {
 public:
  Demo(std::string state_file, std::string scratch_directory);
  ~Demo();
  /// Begins, once, to fill the running server at `server_url`. Ends by itself.
  void start(std::string server_url);
  /// Ends it early and waits; before the server stops. The destructor does so too.
  void stop();

  /// {"state": "filling|complete|failed", "clips": n, "clips_total": n, "days": n, "days_total": n, "detail":
  /// null|text}. Thread-safe.
  [[nodiscard]] json::object status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::app
