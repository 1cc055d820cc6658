#include "base/time_zone.hpp"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

constexpr TimeMs hour_ms = 3'600'000;
constexpr TimeMs in_january = 1'768'478'400'000, in_july = 1'784'116'800'000;  // 2026, at noon UTC

TEST(TimeZone, only_names_of_the_database_are_taken) {
  for (const auto name : {"Europe/Amsterdam", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+3", "Asia/Kathmandu"})
    EXPECT_EQ(checked_time_zone(name).value_or(""), name);
  for (const auto name : {"", "Europe/Atlantis", "GMT+05:30", "../etc/passwd", "Europe/Amsterdam\n", "Etc/Unknown"})
    EXPECT_EQ(checked_time_zone(name).error().code, Errc::invalid_argument) << name;
  EXPECT_FALSE(checked_time_zone(std::string(time_zone_bytes_max + 1, 'x')));
}

TEST(TimeZone, clocks_follow_the_seasons) {
  EXPECT_EQ(local_ahead_ms("Europe/Amsterdam", in_january), hour_ms);
  EXPECT_EQ(local_ahead_ms("Europe/Amsterdam", in_july), 2 * hour_ms);
  EXPECT_EQ(local_ahead_ms("America/New_York", in_january), -5 * hour_ms);
  EXPECT_EQ(local_ahead_ms("Asia/Kathmandu", in_july), 5 * hour_ms + 45 * 60'000);
  EXPECT_EQ(local_ahead_ms("", in_july), 0);
}

}  // namespace
}  // namespace vitrine
