-- Step 24: what an integrator answered in time where the contract has no word for it.

-- The status and the beginning of the body; nothing where the answer was a yes or a no, or none.
ALTER TABLE decision ADD COLUMN invalid TEXT;
