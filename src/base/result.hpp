// Errors are values. A function that can fail returns Result<T>; exceptions stay inside the
// wrappers of libraries that throw.
#pragma once
#include <expected>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace vitrine {

/// The closed set of reasons a call can fail. Each maps to one HTTP status (see http/problem.hpp).
enum class Errc {
  invalid_argument,   ///< the input breaks a stated limit or format            400
  unauthenticated,    ///< nobody is signed in, or the credentials are wrong    401
  forbidden,          ///< signed in, but not allowed                           403
  not_found,          ///< no such thing, or not visible to the caller          404
  conflict,           ///< already exists, or the state has moved on            409
  gone,               ///< existed, was removed or has expired                  410
  too_large,          ///< over a size limit                                    413
  unsupported,        ///< a format that is not handled                         415
  unprocessable,      ///< well-formed but cannot be carried out                422
  too_many_requests,  ///< over a rate or quota                                 429
  internal,           ///< our mistake                                          500
  unavailable,        ///< a part we need is away: try again later              503
  storage_full,       ///< no space left on the device                          507
};

/// What failed and what to do about it. `message` is one sentence a person can act on; it never
/// holds personal data, secrets or absolute paths that a stranger should not see.
struct Error {
  Errc code = Errc::internal;
  std::string message;
};

template <class T = void>
using Result = std::expected<T, Error>;

template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

/// The error of a failed system call: names the call and errno's text; ENOSPC and EDQUOT become storage_full.
[[nodiscard]] Error system_error(std::string_view what, int error_number);

/// Stable lower-case name of a code, for logs and metrics.
[[nodiscard]] std::string_view name(Errc code);

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace vitrine

/// Checks our own reasoning, in every build. Input never meets an assert.
#define VT_ASSERT(condition) \
  (static_cast<bool>(condition) ? void(0) : ::vitrine::assertion_failed(#condition, __FILE__, __LINE__))

#define VT_CONCAT_(a, b) a##b
#define VT_CONCAT(a, b) VT_CONCAT_(a, b)

/// `VT_TRY(auto x, f());` gives x the value of f(), or returns its error to the caller.
#define VT_TRY(declaration, expression) VT_TRY_NAMED(VT_CONCAT(vt_result_, __COUNTER__), declaration, expression)
#define VT_TRY_NAMED(result, declaration, expression)  \
  auto result = (expression);                          \
  if (!result) [[unlikely]]                            \
    return std::unexpected(std::move(result).error()); \
  declaration = std::move(*result)

/// `VT_CHECK(f());` returns f()'s error to the caller, if it has one.
#define VT_CHECK(expression) VT_CHECK_NAMED(VT_CONCAT(vt_check_, __COUNTER__), expression)
#define VT_CHECK_NAMED(result, expression)                \
  do {                                                    \
    if (auto result = (expression); !result) [[unlikely]] \
      return std::unexpected(std::move(result).error());  \
  } while (false)
