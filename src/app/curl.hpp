// What the users of libcurl share: whoever speaks SMTP, sends push messages, or reads other people's pages.
#pragma once
#include <curl/curl.h>
#include <memory>
#include <mutex>

#include "base/result.hpp"

namespace vitrine::app {

struct CurlDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Curl = std::unique_ptr<CURL, CurlDeleter>;
using CurlList = std::unique_ptr<curl_slist, CurlDeleter>;

/// To be called before anything of libcurl's; again changes nothing. Thread-safe.
inline void prepare_curl() {
  static std::once_flag once;
  std::call_once(once, [] { VT_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

}  // namespace vitrine::app
