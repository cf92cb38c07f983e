-- Health of a Growth for Argo CD. What is behind the newest generation is never healthy, whatever its conditions say.
local health = { status = "Progressing", message = "Waiting for the operator to look at it" }
local status = obj.status
if obj.metadata.deletionTimestamp ~= nil then
  health.message = "Being deleted"
  return health
end
if status == nil or status.conditions == nil or status.observedGeneration ~= obj.metadata.generation then
  return health
end

local found = {}
for _, condition in ipairs(status.conditions) do
  if condition.observedGeneration == nil or condition.observedGeneration == obj.metadata.generation then
    found[condition.type] = condition
  end
end

local ready = found.Ready
local stalled = found.Stalled
if stalled ~= nil and stalled.status == "True" then
  health.status = "Degraded"
  health.message = stalled.reason .. ": " .. stalled.message
elseif ready ~= nil and ready.status == "False" then
  health.status = "Degraded"
  health.message = ready.reason .. ": " .. ready.message
elseif obj.spec.suspend == true then
  health.status = "Suspended"
  health.message = "Suspended by its spec: no further job starts, and what is served stays"
elseif ready ~= nil then
  health.message = ready.reason .. ": " .. ready.message
  if ready.status == "True" then
    health.status = "Healthy"
  end
end
return health
