-- Sends the requests of a file, a line each: method, path, headers (name: value, divided by |), body, divided by tabs. The key of a form,
-- KEY in the file, is another one each time. The arguments: the file, a number that no other run has, and whether each is sent but once.
local KEY = "00000000-0000-4000-8000-000000000000"
local requests, position, once, run = {}, 0, false, 0

local function read(line)
    local method, path, headers, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
    local named = {}
    for name, value in headers:gmatch("([^:|]+): ([^|]*)") do
        named[name] = value
    end
    local text = wrk.format(method, path, named, body)
    local first, last = text:find(KEY, 1, true)
    return first and {text:sub(1, first - 1), text:sub(last + 1)} or text
end

local function stop_at_the_end()
    if position > #requests then
        wrk.thread:stop()
    end
end

function init(args)
    run, once = tonumber(args[2]), args[3] == "once"
    for line in io.lines(args[1]) do
        requests[#requests + 1] = read(line)
    end
    if once then
        response = stop_at_the_end
    end
end

function request()
    position = position + 1
    local made = requests[(position - 1) % #requests + 1]
    if type(made) == "string" then
        return made
    end
    return made[1] .. string.format("%08x-0000-4000-8000-%012x", run, position) .. made[2]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("MEASURED %d %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
        latency:percentile(50), latency:percentile(99), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
