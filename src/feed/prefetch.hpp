// Fetching ahead: what a loop will need is asked of memory some rounds before, so that nobody waits for it.
#pragma once
#include <cstddef>
#include <cstdint>

namespace vitrine::feed {

/// All of it, into the caches; nothing if there is nothing.
inline void prefetch(const void* what, std::size_t bytes) {
  if (!what) return;
  constexpr std::uintptr_t line = 64;
  const auto first = reinterpret_cast<std::uintptr_t>(what), end = first + bytes;
  for (auto at = first - first % line; at < end; at += line) __builtin_prefetch(reinterpret_cast<const void*>(at));
}

}  // namespace vitrine::feed
