// What a creator chooses for a video, as it comes in: a PATCH's body, or an upload's metadata.
#pragma once
#include "base/json.hpp"
#include "media/uploads.hpp"
#include "social/video_choices.hpp"

namespace vitrine::api {

/// Errors: invalid_argument.
[[nodiscard]] Result<social::VideoEdit> edit_in(const json::object& body);
/// Errors: invalid_argument (an unknown name, a draft with a time). Whether the time is to come is not looked at: an
/// upload may take longer.
[[nodiscard]] Result<social::VideoChoices> choices_of(const media::UploadMetadata& metadata);

}  // namespace vitrine::api
