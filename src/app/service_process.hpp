// Programs that a bench starts and asks: pinned to a core, ended when they go out of scope.
#pragma once
#include <functional>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace vitrine::app {

/// Keeps the calling thread on one core, if the machine has so many.
void pin_to(int core);

/// A process of ours; asked to end, and waited for, when this goes.
class Child {
 public:
  enum class Output { inherited, captured };

  Child() = default;
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), output_(std::exchange(other.output_, -1)), text_(std::move(other.text_)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(output_, other.output_);
    std::swap(text_, other.text_);
    return *this;
  }
  ~Child() { end(); }

  /// Runs `body` in a forked copy of this process, pinned; it ends with the status `body` returns.
  static Child fork_and(const std::function<int()>& body, std::optional<int> core, Output output);
  static Child run(const std::vector<std::string>& words, std::optional<int> core, Output output);

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Captured output up to the end of its first line, or nothing.
  std::optional<std::string> first_line(int timeout_ms);
  /// Reads captured output until a line begins with `words`; false when it ends or time is up.
  bool wait_for(std::string_view words, int timeout_ms);
  /// False once it has ended.
  [[nodiscard]] bool runs();
  /// All captured output; the process has ended.
  std::string all_output();
  void end();

 private:
  bool read_more();
  void wait();

  pid_t pid_ = -1;
  int output_ = -1;
  std::string text_;
};

inline constexpr int ready_timeout_ms = 30'000;
[[nodiscard]] Result<void> wait_until_ok(const std::string& url, std::string_view target);

/// `vitrine serve` on a free port.
struct Service {
  Child process;
  std::string url;
  double start_ms = 0;  ///< until it was ready
};
struct ServiceOptions {
  std::string data;
  std::string config_file;  ///< empty: none
  std::optional<int> core;  ///< to keep it on
  int start_timeout_ms = ready_timeout_ms;
};
[[nodiscard]] Result<Service> start_service(const ServiceOptions& options);

}  // namespace vitrine::app
