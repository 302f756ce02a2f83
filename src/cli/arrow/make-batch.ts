import { Bool, Data, Field, Float64, RecordBatch, type Schema, Struct } from 'apache-arrow';
import { toBools, toVector } from '../../arrow/to-vector.ts';

/** What a formula gives. */
export interface Results {
  /** Truth values, each a byte, or numbers. */
  readonly values: Uint8Array | Float64Array;
  /** Arrow's bitmap; undefined if none is missing. */
  readonly validity: Uint8Array | undefined;
}

export function resultField(heading: string, isBoolean: boolean): Field {
  return new Field(heading, isBoolean ? new Bool() : new Float64(), true);
}

/** The values of a {@link resultField}. */
export function resultColumn({ values, validity }: Results): Data {
  const { data } =
    values instanceof Uint8Array
      ? toBools({ values, validity })
      : toVector(validity === undefined ? values : { values, validity });
  return data[0] as Data;
}

export function batchOf(schema: Schema, length: number, columns: readonly Data[]): RecordBatch {
  const { fields } = schema;
  return new RecordBatch(schema, new Data(new Struct(fields), 0, length, 0, undefined, [...columns]));
}
