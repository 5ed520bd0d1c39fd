-- Step 19: why a message was given up before its schedule was over.

-- Nothing where a message was taken, or was sent as often as its schedule has it.
ALTER TABLE delivery ADD COLUMN end_reason TEXT;
