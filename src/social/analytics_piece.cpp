#include "social/analytics_piece.hpp"

#include <bit>
#include <cmath>
#include <numeric>

#include "base/crypto.hpp"
#include "base/json.hpp"

namespace vitrine::social {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t monday_hours = 72;  // 1970-01-01 was a Thursday
constexpr int index_bits = std::countr_zero(Headcount::registers_count);

template <class List>
std::int64_t sum(const List& list) {
  return std::accumulate(list.begin(), list.end(), std::int64_t{0});
}

template <class List>
void add_each(List& to, const List& more) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += more[i];
}

void move_over(std::int64_t& from, std::int64_t& to) {
  to += from;
  from = 0;
}

bool is_enough(std::int64_t count) { return count >= analytics_people_min; }

template <class List>
json::array list_json(const List& list) {
  return json::array(list.begin(), list.end());
}

/// Longer or shorter lists than today's are read as far as they go.
template <class List>
void read_list(const json::object& object, std::string_view key, List& list) {
  const auto& items = object.at(key).as_array();
  for (std::size_t i = 0; i < std::min(list.size(), items.size()); ++i) list[i] = items[i].to_number<std::int64_t>();
}

}  // namespace

void Headcount::add(std::string_view viewer) {
  const auto hash = crypto::sha256(viewer);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(bits); ++i) bits = bits << 8 | hash[i];
  auto& place = registers_[bits >> (64 - index_bits)];
  const int rank = std::countl_zero(bits << index_bits | (1ULL << (index_bits - 1))) + 1;
  place = std::max(place, static_cast<unsigned char>(rank));
}

void Headcount::add(const Headcount& others) {
  for (std::size_t i = 0; i < registers_count; ++i) registers_[i] = std::max(registers_[i], others.registers_[i]);
}

std::int64_t Headcount::at_least() const {
  return static_cast<std::int64_t>(registers_count) - std::ranges::count(registers_, 0);
}

std::int64_t Headcount::estimate() const {
  constexpr double m = registers_count;
  constexpr double alpha = 0.7213 / (1 + 1.079 / m);
  double inverse = 0;
  for (const auto rank : registers_) inverse += std::ldexp(1.0, -rank);
  const double raw = alpha * m * m / inverse;
  const auto empty = static_cast<double>(std::ranges::count(registers_, 0));
  // Below this the registers that are still empty tell more: linear counting.
  const bool few = raw <= 2.5 * m && empty > 0;
  return std::llround(few ? m * std::log(m / empty) : raw);
}

Headcount Headcount::of(const store::Blob& bytes) {
  Headcount people;
  std::copy_n(bytes.begin(), std::min(bytes.size(), registers_count), people.registers_.begin());
  return people;
}

void Piece::add(const Showing& showing, std::int64_t duration_ms) {
  const std::array did{showing.liked, showing.commented, showing.saved, showing.shared, showing.followed};
  for (std::size_t i = 0; i < acts.size(); ++i) acted[i] += did[i] ? 1 : 0;
  if (!showing.view) return;
  duration_ms = std::max<std::int64_t>(duration_ms, 1);
  const auto once_ms = std::min(showing.watched_ms, duration_ms);
  constexpr auto points = static_cast<std::int64_t>(retention_points);
  views += 1;
  watched_ms += showing.watched_ms;
  watched_permille += 1000 * once_ms / duration_ms;
  left[static_cast<std::size_t>(std::min(points * once_ms / duration_ms, points - 1))] += 1;
  hours[static_cast<std::size_t>((showing.shown_at / hour_ms + monday_hours) % std::int64_t{hours_a_week})] += 1;
  if (const auto* found = std::ranges::find(traffic_sources, showing.source); found != traffic_sources.end())
    sources[static_cast<std::size_t>(found - traffic_sources.begin())] += 1;
  people.add(showing.viewer);
}

void Piece::add(const Piece& more) {
  views += more.views;
  watched_ms += more.watched_ms;
  watched_permille += more.watched_permille;
  add_each(left, more.left);
  add_each(hours, more.hours);
  add_each(sources, more.sources);
  add_each(acted, more.acted);
  people.add(more.people);
}

bool Piece::may_be_told() const { return is_enough(people.at_least()); }

std::int64_t Piece::reached(std::size_t point) const {
  return std::accumulate(left.begin() + static_cast<std::ptrdiff_t>(point), left.end(), std::int64_t{0});
}

void Piece::tell_parts(Piece& kept_back) {
  for (std::size_t i = 0; i < acts.size(); ++i) {
    move_over(acted[i], kept_back.acted[i]);
    if (is_enough(kept_back.acted[i])) move_over(kept_back.acted[i], acted[i]);
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    move_over(sources[i], kept_back.sources[i]);
    if (is_enough(kept_back.sources[i])) move_over(kept_back.sources[i], sources[i]);
  }
  const auto behind = sum(kept_back.sources);
  if (behind == 0 || is_enough(behind)) return;
  std::size_t smallest = sources.size();
  for (std::size_t i = 0; i < sources.size(); ++i)
    if (sources[i] > 0 && (smallest == sources.size() || sources[i] < sources[smallest])) smallest = i;
  if (smallest < sources.size()) move_over(sources[smallest], kept_back.sources[smallest]);
}

std::string Piece::text() const {
  return json::serialize(json::value{{"views", views},
                                     {"watched_ms", watched_ms},
                                     {"watched_permille", watched_permille},
                                     {"left", list_json(left)},
                                     {"hours", list_json(hours)},
                                     {"sources", list_json(sources)},
                                     {"acts", list_json(acted)}});
}

Piece Piece::of(const std::string& text, const store::Blob& people) {
  const json::value value = json::parse(text);
  const auto& object = value.as_object();
  Piece piece{.views = object.at("views").as_int64(),
              .watched_ms = object.at("watched_ms").as_int64(),
              .watched_permille = object.at("watched_permille").as_int64(),
              .people = Headcount::of(people)};
  read_list(object, "left", piece.left);
  read_list(object, "hours", piece.hours);
  read_list(object, "sources", piece.sources);
  read_list(object, "acts", piece.acted);
  return piece;
}

}  // namespace vitrine::social
