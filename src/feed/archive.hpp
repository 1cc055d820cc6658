// One description of a state for three uses: to write it down, to read it back, to hash it.
//
// A type says what it consists of in `static void describe(auto& archive, auto& self)`; the archive is a StateWriter
// (self is const) or a StateReader. Numbers are little-endian, texts and lists go behind their length. A reader trusts
// nothing: after the first thing that cannot be, ok() is false, every further read gives nothing, and error() says
// where it was.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.hpp"

namespace vitrine::feed {

static_assert(std::endian::native == std::endian::little, "states are written as they lie in memory");

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <class T>
concept Text = std::is_same_v<typename T::value_type, char> && requires(T& text) {
  text.assign("", 0);
};

class StateWriter {
 public:
  static constexpr bool reads = false;
  using Sink = std::function<void(std::string_view)>;

  explicit StateWriter(Sink sink) : sink_(std::move(sink)) { buffer_.reserve(buffer_bytes); }
  ~StateWriter() { flush(); }
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;

  template <class... Parts>
  void operator()(const Parts&... parts) {
    (part(parts), ...);
  }
  /// A number below `bound`.
  template <Number T>
  void index(const T& x, std::size_t) {
    part(x);
  }
  template <class List, class Each>
  void list(const List& list, const Each& each) {
    part(static_cast<std::uint64_t>(list.size()));
    for (const auto& one : list) each(one);
  }
  template <class List>
  void list(const List& all) {
    list(all, [this](const auto& one) { part(one); });
  }
  void flush() {
    if (!buffer_.empty()) sink_(buffer_);
    buffer_.clear();
  }

 private:
  static constexpr std::size_t buffer_bytes = 1 << 16;

  void bytes(const void* data, std::size_t size) {
    if (buffer_.size() + size > buffer_bytes) flush();
    buffer_.append(static_cast<const char*>(data), size);
  }
  template <Number T>
  void part(const T& x) {
    bytes(&x, sizeof x);
  }
  template <Number T, std::size_t N>
  void part(const std::array<T, N>& all) {
    bytes(all.data(), sizeof all);
  }
  template <Text T>
  void part(const T& text) {
    part(static_cast<std::uint64_t>(text.size()));
    bytes(text.data(), text.size());
  }
  template <class T>
  requires requires { &T::template describe<StateWriter, const T>; }
  void part(const T& whole) { T::describe(*this, whole); }

  Sink sink_;
  std::string buffer_;
};

class StateReader {
 public:
  static constexpr bool reads = true;

  explicit StateReader(std::string_view data) : data_(data), left_(data) {}

  template <class... Parts>
  void operator()(Parts&... parts) {
    (part(parts), ...);
  }
  template <Number T>
  void index(T& x, std::size_t bound) {
    part(x);
    if (static_cast<std::uint64_t>(x) >= bound) {
      refuse("a number that nothing stands behind");
      x = T{};
    }
  }
  template <class List, class Each>
  void list(List& all, const Each& each) {
    std::uint64_t size = 0;
    part(size);
    all.clear();
    if (size > left_.size()) return refuse("a list longer than what is left");  // an element takes a byte or more
    if (size > all.max_size()) return refuse("a list longer than its place");
    for (std::uint64_t i = 0; i < size && ok(); ++i) each(all.emplace_back());
  }
  template <class List>
  void list(List& all) {
    list(all, [this](auto& one) { part(one); });
  }

  [[nodiscard]] bool ok() const { return error_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }
  void refuse(std::string_view what) {
    if (ok()) error_ = fmt::format("{} at byte {}", what, data_.size() - left_.size());
    left_ = {};
  }

 private:
  bool bytes(void* out, std::size_t size) {
    if (size > left_.size()) {
      refuse("an early end");
      return false;
    }
    std::memcpy(out, left_.data(), size);
    left_.remove_prefix(size);
    return true;
  }
  template <Number T>
  void check(T& x) {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isfinite(x)) return;
      refuse("a value that is not a number");
      x = 0;
    }
  }
  template <Number T>
  void part(T& x) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      part(byte);
      if (byte > 1) refuse("a truth value that is neither");
      x = byte == 1;
    } else {
      x = T{};
      if (bytes(&x, sizeof x)) check(x);
    }
  }
  template <Number T, std::size_t N>
  void part(std::array<T, N>& all) {
    all = {};
    if (!bytes(all.data(), sizeof all)) return;
    for (auto& x : all) check(x);
  }
  template <Text T>
  void part(T& text) {
    std::uint64_t size = 0;
    part(size);
    text.clear();
    if (size > std::min<std::uint64_t>(left_.size(), text.max_size())) return refuse("a text that is too long");
    text.assign(left_.data(), size);
    left_.remove_prefix(size);
  }
  template <class T>
  requires requires { &T::template describe<StateReader, T>; }
  void part(T& whole) { T::describe(*this, whole); }

  std::string_view data_, left_;
  std::string error_;
};

}  // namespace vitrine::feed
