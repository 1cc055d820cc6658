#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json.hpp"

namespace vitrine::log {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_logger_mt("vitrine");
    made->set_pattern("%v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum spd(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:03}Z", text, ms % 1000);
}

}  // namespace

void set_level(Level level) { logger().set_level(spd(level)); }

void write(Level level, std::string_view event, Fields fields) {
  auto& out = logger();
  if (!out.should_log(spd(level))) return;
  json::object line;
  line["time"] = timestamp();
  line["level"] = std::string_view(spdlog::level::to_string_view(spd(level)).data());
  line["event"] = event;
  for (const auto& field : fields) {
    std::visit([&](const auto& value) { line[field.key] = value; }, field.value);
  }
  out.log(spd(level), "{}", json::serialize(line));
}

}  // namespace vitrine::log
