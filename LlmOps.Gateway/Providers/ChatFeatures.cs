using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;
using static LlmOps.Gateway.Providers.RequestSearch;

namespace LlmOps.Gateway.Providers;

/// <summary>Everything a request in OpenAI's form can ask for, as far as the gateway knows it. A field that is not here is refused by every translation.</summary>
internal static class ChatFeatures
{
    private const string NoEffect = ChatFeature.NoEffect;

    /// <summary>The features, in the order of the documentation.</summary>
    public static IReadOnlyList<ChatFeature> All { get; } =
    [
        new("Streaming", "stream") { Gemini = "`:streamGenerateContent?alt=sse`", Anthropic = "`stream`", Ollama = "`stream`", Offline = "yes" },
        new("Usage at the end of a stream", "stream_options.include_usage") { Gemini = "always asked for", Anthropic = "always asked for", Ollama = "always asked for", Offline = "yes" },
        new("System and developer messages", "messages[].role") { Gemini = "`systemInstruction`, all in one", Anthropic = "`system`, all in one", Ollama = "role `system`", Offline = "yes" },
        new("Several turns", "messages") { Gemini = "roles `user` and `model`", Anthropic = "roles `user` and `assistant`", Ollama = "yes", Offline = "yes" },
        new("Nothing but system messages", "messages", OnlyInstructions) { Ollama = "role `system`", Offline = "yes" },
        new("Participants' names", "messages[].name", Messages("name", "tool", "function")) { Offline = NoEffect },
        new("Images as data: URIs", "messages[].content[].image_url", Parts("image_url", part => IsData(part) && !IsOtherData(part))) { Gemini = "`inlineData`", Anthropic = "`image`, base64", Ollama = "`images`", Offline = "not looked at" },
        new("Other data: URIs in the place of images", "messages[].content[].image_url", Parts("image_url", IsOtherData)) { Gemini = "`inlineData`", Anthropic = "`document` (PDF or text)", Offline = "not looked at" },
        new("Images by address", "messages[].content[].image_url", Parts("image_url", part => !IsData(part))) { Instead = "send the image as a data: URI", Gemini = "`fileData`", Anthropic = "`image`, url", Offline = "not looked at" },
        new("Image detail low or high", "messages[].content[].image_url.detail", ImageDetail) { Offline = NoEffect },
        new("Audio in messages", "messages[].content[].input_audio", Parts("input_audio")) { Gemini = "`inlineData`" },
        new("Files as data: URIs", "messages[].content[].file.file_data", Parts("file", IsFileData)) { Gemini = "`inlineData`", Anthropic = "`document` (PDF or text)" },
        new("Files by id or address", "messages[].content[].file", Parts("file", part => !IsFileData(part))),
        new("Reasoning of answers that comes back", "messages[].reasoning_content") { Gemini = "thoughts", Anthropic = "left out: it takes blocks only", Ollama = "`thinking`", Offline = NoEffect },
        new("Thinking blocks that come back", "messages[].thinking_blocks") { Gemini = "left out", Anthropic = "unchanged", Ollama = "left out", Offline = NoEffect },
        new("Other fields of answers that come back", "messages[].annotations, .extra_content, .parsed") { Gemini = "its signature; the rest is left out", Anthropic = "left out", Ollama = "left out", Offline = NoEffect },
        new("Tools", "tools[] of type function", Tools(IsFunction)) { Gemini = "`functionDeclarations`", Anthropic = "`tools`", Ollama = "`tools`", Offline = "yes" },
        new("Strict tools", "tools[].function.strict", StrictTools) { Gemini = "mode `VALIDATED`", Anthropic = "`strict`", Offline = "yes" },
        new("Google Search as a tool", "tools[] google_search", Tools(ChatCompletionRequest.IsGoogleSearch)) { Gemini = "`googleSearch`" },
        new("Web search", "web_search_options", Top("web_search_options", IsObject)) { Gemini = "`googleSearch`" },
        new("Context size or place of a web search", "web_search_options.search_context_size, .user_location", SearchOptions),
        new("Tools of other types", "tools[]", Tools(tool => !IsFunction(tool) && !ChatCompletionRequest.IsGoogleSearch(tool))),
        new("Several tool calls in one answer", "message.tool_calls") { Gemini = "yes", Anthropic = "yes", Ollama = "yes", Offline = "yes" },
        new("Tool results", "messages[] of role tool") { Gemini = "`functionResponse`", Anthropic = "`tool_result`", Ollama = "role `tool`", Offline = "yes" },
        new("Tool calls in messages whose arguments are no JSON object", "messages[].tool_calls[].function.arguments", BadArguments) { Offline = "yes" },
        new("Calls of custom tools in messages", "messages[].tool_calls[].custom", Calls("custom")),
        new("No tool call", "tool_choice: none", Choice("none")) { Gemini = "mode `NONE`", Anthropic = "`none`", Ollama = "no `tools`", Offline = "yes" },
        new("A tool call, whichever", "tool_choice: required", Choice("required")) { Gemini = "mode `ANY`", Anthropic = "`any`", Offline = "yes" },
        new("A call of one function", "tool_choice.function", Choice("function")) { Gemini = "`allowedFunctionNames`", Anthropic = "`tool`", Offline = "yes" },
        new("A choice among some tools", "tool_choice.allowed_tools", Choice("allowed_tools")),
        new("At most one tool call", "parallel_tool_calls: false", OneCall) { Anthropic = "`disable_parallel_tool_use`", Offline = "yes" },
        new("Functions in OpenAI's old form", "functions, function_call", Top("functions").And(Top("function_call"))),
        new("JSON without a schema", "response_format: json_object", JsonFormat(schema: false)) { Instead = "give a schema (json_schema)", Gemini = "`responseMimeType`", Ollama = "`format: json`", Offline = "yes" },
        new("JSON by a schema", "response_format: json_schema", JsonFormat(schema: true)) { Gemini = "`responseJsonSchema`", Anthropic = "`output_config.format`", Ollama = "`format`", Offline = "yes" },
        new("Most output tokens", "max_tokens, max_completion_tokens") { Gemini = "`maxOutputTokens`, at most the model's limit", Anthropic = "`max_tokens`; without it the model's limit, or 4096 where that is not known", Ollama = "`num_predict`", Offline = "yes" },
        new("Temperature", "temperature", Typed("temperature", options => options.Temperature <= 1)) { Gemini = "`temperature`", Anthropic = "`temperature`", Ollama = "`temperature`", Offline = NoEffect },
        new("Temperature above 1", "temperature", Typed("temperature", options => options.Temperature > 1)) { Gemini = "`temperature`", Ollama = "`temperature`", Offline = NoEffect },
        new("Nucleus sampling", "top_p", Typed("top_p", options => options.TopP is not null)) { Gemini = "`topP`", Anthropic = "`top_p`", Ollama = "`top_p`", Offline = NoEffect },
        new("Sampling among the likeliest", "top_k", Top("top_k", IsWhole)) { Gemini = "`topK`", Anthropic = "`top_k`", Ollama = "`top_k`", Offline = NoEffect },
        new("Penalties", "presence_penalty, frequency_penalty", Penalties) { Gemini = "`presencePenalty`, `frequencyPenalty`", Ollama = "`presence_penalty`, `frequency_penalty`", Offline = NoEffect },
        new("Seed", "seed", Typed("seed", options => options.Seed is >= int.MinValue and <= int.MaxValue)) { Gemini = "`seed`", Ollama = "`seed`", Offline = NoEffect },
        new("Seed of more than 32 bits", "seed", Typed("seed", options => options.Seed is < int.MinValue or > int.MaxValue)) { Ollama = "`seed`", Offline = NoEffect },
        new("Stop sequences, up to 5", "stop", Typed("stop", options => options.StopSequences?.Count is > 0 and <= 5)) { Gemini = "`stopSequences`", Anthropic = "`stop_sequences`", Ollama = "`stop`", Offline = "yes" },
        new("More than 5 stop sequences", "stop", Typed("stop", options => options.StopSequences?.Count > 5)) { Anthropic = "`stop_sequences`", Ollama = "`stop`", Offline = "yes" },
        new("Several choices", "n", Top("n", value => !IsOne(value))) { Instead = "ask several times" },
        new("Log probabilities", "logprobs, top_logprobs", Top("logprobs").And(Top("top_logprobs"))) { Gemini = "`responseLogprobs`, `logprobs`", Ollama = "`logprobs`, `top_logprobs`" },
        new("Token biases", "logit_bias", Top("logit_bias")),
        new("Effort of reasoning", "reasoning_effort", Effort("low", "medium", "high")) { Gemini = "`thinkingConfig`", Anthropic = "`output_config.effort`", Ollama = "`think`", Offline = NoEffect },
        new("No reasoning", "reasoning_effort: none", Effort("none")) { Gemini = "`thinkingBudget: 0`", Anthropic = "`thinking: disabled`", Ollama = "`think: false`", Offline = NoEffect },
        new("Minimal reasoning", "reasoning_effort: minimal", Effort("minimal")) { Gemini = "`thinkingConfig`", Offline = NoEffect },
        new("Extra high effort", "reasoning_effort: xhigh", Effort("xhigh")) { Anthropic = "`output_config.effort`", Offline = NoEffect },
        new("Anthropic's thinking", "thinking", Top("thinking", IsFilledObject)) { Anthropic = "`thinking`" },
        new("Google's own fields", "extra_body.google: thinking_config, safety_settings, cached_content", GoogleFields) { Gemini = "`thinkingConfig`, `safetySettings`, `cachedContent`" },
        new("Ollama's own fields", "keep_alive, options, think", Top("keep_alive", IsTextOrNumber).And(Top("options", IsFilledObject)).And(Top("think", IsFlagOrText))) { Ollama = "`keep_alive`, `options` (num_ctx and others), `think`" },
        new("Marks for the provider's prompt cache", "cache_control on messages, parts and tools", CacheControl) { Gemini = NoEffect, Anthropic = "`cache_control`", Ollama = NoEffect, Offline = NoEffect },
        new("Hints for the provider's prompt cache", "prompt_cache_key, prompt_cache_retention", Top("prompt_cache_key", IsText).And(Top("prompt_cache_retention", IsText))) { Gemini = NoEffect, Anthropic = NoEffect, Ollama = NoEffect, Offline = NoEffect },
        new("End user", "user, safety_identifier", Top("user", IsText).And(Top("safety_identifier", IsText))) { Gemini = NoEffect, Anthropic = "`metadata.user_id`", Ollama = NoEffect, Offline = NoEffect },
        new("Metadata", "metadata", Top("metadata", IsObject)) { Gemini = NoEffect, Anthropic = NoEffect, Ollama = NoEffect, Offline = NoEffect },
        new("Storing at the provider", "store: true", Top("store")) { Offline = NoEffect },
        new("Service tier", "service_tier", Top("service_tier", value => !IsOneOf(value, "auto", "default"))) { Offline = NoEffect },
        new("Verbosity", "verbosity", Top("verbosity", IsText)) { Offline = NoEffect },
        new("Images in the answer", "modalities with image", Modalities("image")) { Gemini = "`responseModalities`" },
        new("Audio in the answer", "modalities with audio, audio", Modalities("audio").And(Top("audio"))),
        new("Predicted output", "prediction", Top("prediction")),
        new("Fields that lack or contradict another", "tool_choice that requires a call without tools, top_logprobs without logprobs, reasoning_effort beside thinking, think or thinking_config", Dangling),
        new("Anything else", "any other field", UnknownFields.Find),
    ];

    /// <summary>Why a target has no place for what is asked: a 400 that names the field; null where it has.</summary>
    /// <param name="target">Where the request is to go. One of the caller's own protocol says itself what it does not take.</param>
    /// <param name="options">What is asked.</param>
    public static GatewayException? Refusal(Target target, GatewayChatOptions options)
    {
        if (target.Client is null)
        {
            return new GatewayException(
                ErrorCode.InvalidValue,
                $"Model '{target.Model}' of provider '{target.Provider}' only makes embeddings; ask it at /v1/embeddings, or another model here.",
                "model");
        }

        if (target.ProviderType == ProviderTypes.OpenAI)
        {
            return null;
        }

        if (HalfPair(options) is { } broken)
        {
            return new GatewayException(ErrorCode.InvalidValue, $"{broken} has half of a surrogate pair in it; expected text in valid Unicode.", broken);
        }

        foreach (var feature in All)
        {
            if (feature.Find is { } find && feature.At(target.ProviderType) is null && find(options).FirstOrDefault() is { } path)
            {
                return Refusal(target, path, feature);
            }
        }

        return null;
    }

    private static ProviderException Refusal(Target target, string path, ChatFeature feature) =>
        new(
            ErrorCode.UnsupportedParameter, target.Provider,
            $"{path} is not supported by model '{target.Model}' of provider '{target.Provider}': its protocol has no counterpart ({feature.Name}).{(feature.Instead is { } instead ? $" Instead, {instead}." : "")}", path);
}
