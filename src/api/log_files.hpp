// The public face of a log: its tiles and checkpoint, as c2sp.org/tlog-tiles lays them out.
#pragma once
#include <string>

#include "http/server.hpp"

namespace vitrine::api {

/// GET <prefix>/checkpoint, <prefix>/tile/…, <prefix>/vkey, for anybody from anywhere. `directory` holds what the log's
/// writer made.
void add_log_files(http::Router& router, const std::string& prefix, const std::string& directory,
                   const std::string& vkey);

}  // namespace vitrine::api
