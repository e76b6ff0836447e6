namespace LlmOps.Tests.Providers;

/// <summary>A request that asks for one feature of ChatFeatures, and what of it must arrive at whom.</summary>
/// <param name="Members">The members of the body besides model and stream; without messages a greeting is added.</param>
/// <param name="Path">What a refusal names.</param>
internal sealed record ChatFeatureExample(string Members, string Path)
{
    /// <summary>What a refusal names everywhere but at Gemini, where another feature of the example is refused first.</summary>
    public string? PathElsewhere { get; init; }

    /// <summary>JSON that a request to Gemini contains.</summary>
    public string? Gemini { get; init; }

    /// <summary>JSON that a request to Anthropic contains.</summary>
    public string? Anthropic { get; init; }

    /// <summary>JSON that a request to Ollama contains.</summary>
    public string? Ollama { get; init; }

    /// <summary>The body's members with messages.</summary>
    public string Body => Members.Contains("\"messages\"", StringComparison.Ordinal) ? Members : $"\"messages\":[{ChatFeatureExamples.User}],{Members}";

    public string? At(string provider) => provider switch
    {
        "gemini" => Gemini,
        "anthropic" => Anthropic,
        "ollama" => Ollama,
        _ => null,
    };
}

/// <summary>One example for every feature that a request can ask for, by the feature's name.</summary>
internal static class ChatFeatureExamples
{
    public const string User = """{"role":"user","content":"Hi"}""";
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}""";
    private const string Function = $$"""{"name":"get_weather","description":"The weather","parameters":{{Schema}}}""";
    private const string Weather = $$"""{"type":"function","function":{{Function}}}""";
    private const string Tools = $""" "tools":[{Weather}] """;
    private const string CallWith = """{"role":"assistant","content":null,"tool_calls":[{"id":"call_1",""";
    private const string Result = """{"role":"tool","tool_call_id":"call_1","content":"Sunny"}""";

    public static IReadOnlyDictionary<string, ChatFeatureExample> All { get; } = new Dictionary<string, ChatFeatureExample>
    {
        ["Nothing but system messages"] = new(""" "messages":[{"role":"system","content":"Be brief"},{"role":"developer","content":"Be kind"}] """, "messages") { Ollama = """ "role":"system" """ },
        ["Fields that lack or contradict another"] = new(""" "tool_choice":"required" """, "tool_choice"),
        ["Participants' names"] = new(""" "messages":[{"role":"user","name":"Ann","content":"Hi"}] """, "messages[0].name"),
        ["Images as data: URIs"] = new(Part($$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Pixel}}}"}}"""), "messages[0].content[0]")
        {
            Gemini = $$$"""{"inlineData":{"mimeType":"image/png","data":"{{{Pixel}}}"}}""",
            Anthropic = $$$"""{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{Pixel}}}"}}""",
            Ollama = $"\"images\":[\"{Pixel}\"]",
        },
        ["Other data: URIs in the place of images"] = new(Part("""{"type":"image_url","image_url":{"url":"data:application/pdf;base64,JVBERi0="}}"""), "messages[0].content[0]")
        {
            Gemini = """{"inlineData":{"mimeType":"application/pdf","data":"JVBERi0="}}""",
            Anthropic = """{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}}""",
        },
        ["Images by address"] = new(Part("""{"type":"image_url","image_url":{"url":"https://example.com/cat.png"}}"""), "messages[0].content[0]")
        {
            Gemini = """{"fileData":{"mimeType":"image/png","fileUri":"https://example.com/cat.png"}}""",
            Anthropic = """{"type":"image","source":{"type":"url","url":"https://example.com/cat.png"}}""",
        },
        ["Image detail low or high"] = new(Part($$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Pixel}}}","detail":"low"}}"""), "messages[0].content[0].image_url.detail"),
        ["Audio in messages"] = new(Part("""{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}"""), "messages[0].content[0]")
        {
            Gemini = """{"inlineData":{"mimeType":"audio/wav","data":"UklGRg=="}}""",
        },
        ["Files as data: URIs"] = new(Part("""{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}"""), "messages[0].content[0]")
        {
            Gemini = """{"inlineData":{"mimeType":"application/pdf","data":"JVBERi0="}}""",
            Anthropic = """{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a.pdf"}""",
        },
        ["Files by id or address"] = new(Part("""{"type":"file","file":{"file_id":"file-1"}}"""), "messages[0].content[0]"),
        ["Tools"] = new(Tools, "tools[0]")
        {
            Gemini = $$"""{"functionDeclarations":[{"name":"get_weather","description":"The weather","parametersJsonSchema":{{Schema}}}]}""",
            Anthropic = $$""" "tools":[{"name":"get_weather","description":"The weather","input_schema":{{Schema}}}] """,
            Ollama = $"\"tools\":[{Weather}]",
        },
        ["Strict tools"] = new($$""" "tools":[{{Weather.Replace("\"parameters\"", "\"strict\":true,\"parameters\"", StringComparison.Ordinal)}}] """, "tools[0].function.strict")
        {
            Gemini = """{"functionCallingConfig":{"mode":"VALIDATED"}}""",
            Anthropic = "\"strict\":true",
        },
        ["Google Search as a tool"] = new(""" "tools":[{"google_search":{}}] """, "tools[0]") { Gemini = """ "tools":[{"googleSearch":{}}] """ },
        ["Web search"] = new(""" "web_search_options":{} """, "web_search_options") { Gemini = """ "tools":[{"googleSearch":{}}] """ },
        ["Context size or place of a web search"] = new(""" "web_search_options":{"search_context_size":"high"} """, "web_search_options.search_context_size") { PathElsewhere = "web_search_options" },
        ["Tools of other types"] = new(""" "tools":[{"type":"code_interpreter"}] """, "tools[0]"),
        ["Tool calls in messages whose arguments are no JSON object"] = new(
            Turn("""{"name":"get_weather","arguments":"[1]"}"""), "messages[1].tool_calls[0].function.arguments"),
        ["Calls of custom tools in messages"] = new(
            $$$""" "messages":[{{{User}}},{{{CallWith}}}"type":"custom","custom":{"name":"shell","input":"ls"}}]},{{{Result}}}] """, "messages[1].tool_calls[0].custom"),
        ["No tool call"] = new($""" {Tools},"tool_choice":"none" """, "tool_choice")
        {
            Gemini = """{"functionCallingConfig":{"mode":"NONE"}}""",
            Anthropic = """ "tool_choice":{"type":"none"} """,
        },
        ["A tool call, whichever"] = new($""" {Tools},"tool_choice":"required" """, "tool_choice")
        {
            Gemini = """{"functionCallingConfig":{"mode":"ANY"}}""",
            Anthropic = """ "tool_choice":{"type":"any"} """,
        },
        ["A call of one function"] = new($$$""" {{{Tools}}},"tool_choice":{"type":"function","function":{"name":"get_weather"}} """, "tool_choice")
        {
            Gemini = """{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["get_weather"]}}""",
            Anthropic = """ "tool_choice":{"type":"tool","name":"get_weather"} """,
        },
        ["A choice among some tools"] = new(
            $$$""" {{{Tools}}},"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"get_weather"}}]}} """, "tool_choice"),
        ["At most one tool call"] = new($""" {Tools},"parallel_tool_calls":false """, "parallel_tool_calls") { Anthropic = """ "tool_choice":{"type":"auto","disable_parallel_tool_use":true} """ },
        ["Functions in OpenAI's old form"] = new($""" "functions":[{Function}],"function_call":"auto" """, "functions"),
        ["JSON without a schema"] = new(""" "response_format":{"type":"json_object"} """, "response_format")
        {
            Gemini = """ "responseMimeType":"application/json" """,
            Ollama = """ "format":"json" """,
        },
        ["JSON by a schema"] = new($$$""" "response_format":{"type":"json_schema","json_schema":{"name":"place","strict":true,"schema":{{{Schema}}}}} """, "response_format")
        {
            Gemini = $""" "responseMimeType":"application/json","responseJsonSchema":{Schema} """,
            Anthropic = $$$""" "output_config":{"format":{"type":"json_schema","schema":{{{Schema}}}}} """,
            Ollama = $"\"format\":{Schema}",
        },
        ["Temperature"] = All4(""" "temperature":0.5 """, "temperature"),
        ["Temperature above 1"] = All4(""" "temperature":1.5 """, "temperature"),
        ["Nucleus sampling"] = All4(""" "top_p":0.5 """, "top_p") with { Gemini = "\"topP\":0.5" },
        ["Sampling among the likeliest"] = All4(""" "top_k":20 """, "top_k") with { Gemini = "\"topK\":20" },
        ["Penalties"] = All4(""" "presence_penalty":0.5,"frequency_penalty":-0.5 """, "presence_penalty") with { Gemini = """ "presencePenalty":0.5,"frequencyPenalty":-0.5 """ },
        ["Seed"] = All4(""" "seed":-42 """, "seed"),
        ["Seed of more than 32 bits"] = All4(""" "seed":4294967296 """, "seed"),
        ["Stop sequences, up to 5"] = new(""" "stop":["one","two"] """, "stop")
        {
            Gemini = """ "stopSequences":["one","two"] """,
            Anthropic = """ "stop_sequences":["one","two"] """,
            Ollama = """ "stop":["one","two"] """,
        },
        ["More than 5 stop sequences"] = new(""" "stop":["a","b","c","d","e","f"] """, "stop")
        {
            Anthropic = """ "stop_sequences":["a","b","c","d","e","f"] """,
            Ollama = """ "stop":["a","b","c","d","e","f"] """,
        },
        ["Several choices"] = new(""" "n":2 """, "n"),
        ["Log probabilities"] = new(""" "logprobs":true,"top_logprobs":3 """, "logprobs")
        {
            Gemini = """ "responseLogprobs":true,"logprobs":3 """,
            Ollama = """ "logprobs":true,"top_logprobs":3 """,
        },
        ["Token biases"] = new(""" "logit_bias":{"50256":-100} """, "logit_bias"),
        ["Effort of reasoning"] = new(""" "reasoning_effort":"low" """, "reasoning_effort")
        {
            Gemini = """ "thinkingConfig":{"thinkingBudget":1024} """,
            Anthropic = """ "output_config":{"effort":"low"} """,
            Ollama = """ "think":"low" """,
        },
        ["No reasoning"] = new(""" "reasoning_effort":"none" """, "reasoning_effort")
        {
            Gemini = """ "thinkingConfig":{"thinkingBudget":0} """,
            Anthropic = """ "thinking":{"type":"disabled"} """,
            Ollama = "\"think\":false",
        },
        ["Minimal reasoning"] = new(""" "reasoning_effort":"minimal" """, "reasoning_effort") { Gemini = """ "thinkingConfig":{"thinkingBudget":1024} """ },
        ["Extra high effort"] = new(""" "reasoning_effort":"xhigh" """, "reasoning_effort") { Anthropic = """ "output_config":{"effort":"xhigh"} """ },
        ["Anthropic's thinking"] = new(""" "thinking":{"type":"enabled","budget_tokens":1024} """, "thinking") { Anthropic = """ "thinking":{"type":"enabled","budget_tokens":1024} """ },
        ["Google's own fields"] = new(
            """ "extra_body":{"google":{"thinking_config":{"include_thoughts":true,"thinking_budget":512},"safety_settings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]}} """,
            "extra_body.google.thinking_config")
        {
            Gemini = """ "thinkingConfig":{"includeThoughts":true,"thinkingBudget":512}},"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}] """,
        },
        ["Ollama's own fields"] = new(""" "keep_alive":"10m","options":{"num_ctx":8192},"think":true """, "keep_alive")
        {
            Ollama = """ "options":{"num_ctx":8192},"keep_alive":"10m","think":true """,
        },
        ["Marks for the provider's prompt cache"] = new(Part("""{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}"""), "messages[0].content[0].cache_control")
        {
            Anthropic = """{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}""",
        },
        ["Hints for the provider's prompt cache"] = new(""" "prompt_cache_key":"k","prompt_cache_retention":"24h" """, "prompt_cache_key"),
        ["End user"] = new(""" "user":"u-1" """, "user") { Anthropic = """ "metadata":{"user_id":"u-1"} """ },
        ["Metadata"] = new(""" "metadata":{"team":"blue"} """, "metadata"),
        ["Storing at the provider"] = new(""" "store":true """, "store"),
        ["Service tier"] = new(""" "service_tier":"flex" """, "service_tier"),
        ["Verbosity"] = new(""" "verbosity":"low" """, "verbosity"),
        ["Images in the answer"] = new(""" "modalities":["text","image"] """, "modalities") { Gemini = """ "responseModalities":["TEXT","IMAGE"] """ },
        ["Audio in the answer"] = new(""" "modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"} """, "modalities"),
        ["Predicted output"] = new(""" "prediction":{"type":"content","content":"Hello"} """, "prediction"),
        ["Anything else"] = new(""" "min_p":0.1 """, "min_p"),
    };

    // One field that goes by the same name everywhere.
    private static ChatFeatureExample All4(string member, string path) => new(member, path) { Gemini = member, Anthropic = member, Ollama = member };

    private static string Part(string part) => $$""" "messages":[{"role":"user","content":[{{part}}]}] """;

    private static string Turn(string function) => $$""" "messages":[{{User}},{{CallWith}}"type":"function","function":{{function}}}]},{{Result}}] """;
}
